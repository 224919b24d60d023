// Command mutants checks the checks: it plants known mistakes in the program,
// one at a time, and demands that the test named for each of them fails.
//
//	go run ./internal/mutants [-only text] [-j n] [-list]
//
// A mistake is planted with go test -overlay, in a copy: the tree itself is
// never touched. The named test must pass without the mistake and fail with
// it, because of what it found: a mistake that does not compile, or that makes
// the test hang where the table does not say so, counts as not caught. A table
// entry whose text is no longer in the program, or is there twice, is stale
// and an error.
//
// The exit code is 0 if all mistakes were caught, 1 if one survived, 2 if the
// table or the tests themselves are wrong.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"sync"
	"time"
)

func main() {
	only := flag.String("only", "", "plant only mistakes whose name or test has this in it")
	atOnce := flag.Int("j", runtime.NumCPU(), "how many to try at once")
	list := flag.Bool("list", false, "print the table, plant nothing")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, chosen(*only), max(1, *atOnce), *list)
	stop()
	os.Exit(code)
}

// chosen are the mutants with a text in their name or test.
func chosen(text string) []mutant {
	var out []mutant
	for _, m := range table() {
		if strings.Contains(m.name, text) || strings.Contains(m.test, text) {
			out = append(out, m)
		}
	}
	return out
}

func run(ctx context.Context, all []mutant, atOnce int, list bool) int {
	if list {
		for _, m := range all {
			fmt.Printf("%-72s %s %s\n", m.name, m.pkg, m.test)
		}
		return 0
	}
	root, err := moduleRoot(ctx)
	if err == nil {
		err = sound(root, all)
	}
	if err == nil {
		fmt.Printf("%d mistakes; first their tests without them\n", len(all))
		err = passWithout(ctx, root, all)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		return 2
	}
	survived := tryAll(ctx, root, all, atOnce)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "mutants: interrupted")
		return 2
	case survived > 0:
		fmt.Printf("%d of %d mistakes were not caught\n", survived, len(all))
		return 1
	}
	fmt.Printf("all %d mistakes were caught\n", len(all))
	return 0
}

// tryAll plants every mutant and returns how many were not caught.
func tryAll(ctx context.Context, root string, all []mutant, atOnce int) int {
	var mu sync.Mutex // guards survived and the output
	var wg sync.WaitGroup
	survived := 0
	slots := make(chan struct{}, atOnce)
	for _, m := range all {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			began := time.Now()
			v := try(ctx, root, m)
			mu.Lock()
			defer mu.Unlock()
			if !v.caught {
				survived++
			}
			fmt.Printf("%-9s %-72s %s %s (%.1f s)\n", v.word(), m.name, m.pkg, m.test, time.Since(began).Seconds())
			if v.detail != "" {
				fmt.Println("          " + strings.ReplaceAll(v.detail, "\n", "\n          "))
			}
		})
	}
	wg.Wait()
	return survived
}
