package handler_test

import (
	"runtime/debug"
	"testing"

	"snapferry/handler"
)

// A program that was built from changed sources does not pass for the commit.
func TestABuildFromChangedSourcesSaysSo(t *testing.T) {
	for want, notes := range map[string][]debug.BuildSetting{
		"":          {{Key: "vcs.modified", Value: "true"}},
		"abc":       {{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.modified", Value: "false"}},
		"abc-dirty": {{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.modified", Value: "true"}},
	} {
		if got := handler.Revision(notes); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
