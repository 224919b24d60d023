package plan_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"snapferry/internal/plan"
)

func TestEveryOutcomeHasARow(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "outcome.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	rows := map[plan.Outcome]int{}
	for _, o := range plan.Outcomes() {
		rows[o]++
	}
	constants := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "Outcome" {
			constants++
			text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil || rows[plan.Outcome(text)] != 1 {
				t.Errorf("%s has %d rows in the table, want one", spec.Names[0], rows[plan.Outcome(text)])
			}
		}
		return true
	})
	if constants != len(rows) {
		t.Errorf("%d constants, %d rows", constants, len(rows))
	}
	if !plan.Outcome("never heard of").Alarms() {
		t.Error("an outcome that nobody has heard of is no alarm")
	}
}
