package settings

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
)

var variableName = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)

// roleSuffix ends the names of what a file has beside settings: the functions' roles.
const roleSuffix = "_ROLE"

// maxFile bounds a file of settings, in bytes. SCF takes 4 KB of variables; the rest is
// for comments.
const maxFile = 64 << 10

// ReadFile reads a file of lines NAME=value, such as snapferry.env: the settings of all
// functions and their roles. Empty values count as absent. All mistakes are reported at
// once, and show no value, which may be a secret. Read checks the values.
func ReadFile(name string) (map[string]string, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(content) > maxFile {
		return nil, fmt.Errorf("%s is larger than %d KB: it is no file of settings", name, maxFile>>10)
	}
	return fromFile(name, content)
}

func fromFile(name string, content []byte) (map[string]string, error) {
	values := map[string]string{}
	var errs []error
	n := 0
	for line := range strings.Lines(strings.TrimPrefix(string(content), "\ufeff")) { // a mark that editors of Windows set
		n++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, found := strings.Cut(line, "=")
		value = strings.TrimSpace(value)
		wrong := ""
		switch _, twice := values[key]; {
		case !found || !variableName.MatchString(key):
			key, wrong = "", "it is not of the form NAME=value"
		case twice:
			wrong = "it is there a second time"
		case key == "JOB":
			wrong = "take it out: each function has a job of its own"
		case strings.HasPrefix(key, "TENCENT"):
			wrong = "take it out: keys belong into the shell, and the functions get theirs from their roles"
		case !strings.HasSuffix(key, roleSuffix) && !slices.ContainsFunc(table, func(v variable) bool { return v.Name == key }):
			wrong = "it is neither a setting nor the role of a function"
		case strings.Trim(value, `"'`) != value:
			wrong = "write the value without quotes"
		case strings.Contains(value, " #"):
			wrong = "a comment stands on a line of its own"
		case strings.Contains(value, "${"): // the vendor's tool replaces it, also inside a value: keys of the shell would be deployed
			wrong = "write the value itself: the vendor's tool would put something else in the place of ${…}"
		case value != "":
			values[key] = value
		}
		if wrong != "" {
			if key != "" {
				wrong = key + ": " + wrong
			}
			errs = append(errs, fmt.Errorf("%s:%d: %s", name, n, wrong))
		}
	}
	return values, errors.Join(errs...)
}
