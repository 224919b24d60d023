package handler

import (
	"runtime/debug"
	"strings"
)

// Contract is the version of what other programs and other versions of snapferry rely
// on: the names and tags of replicas, the events and the replies. Versions with the
// same number know each other's replicas, so that an upgrade can be taken back.
const Contract = 1

// next is the version that the sources become when they are released.
const next = "0.3.0"

// stamp is set by the linker: release:VERSION:COMMIT. "make verify" finds it in the
// binary. Sources that are built without it are a version in development.
var stamp string

var builtAs, builtFrom = version(stamp)

// Version is the version of the product, as replies and the command line name it.
var Version = builtAs

// Commit is the commit that it was built from; "" if that is not known.
var Commit = builtFrom

func version(stamp string) (version, commit string) {
	if parts := strings.Split(stamp, ":"); len(parts) == 3 {
		return parts[1], parts[2]
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		commit = revision(info.Settings)
	}
	return next + "-dev", commit
}

// revision is the commit that a build notes. Sources that differ from it are "-dirty", as
// git says.
func revision(notes []debug.BuildSetting) (commit string) {
	changed := ""
	for _, s := range notes {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "-dirty"
		}
	}
	if commit == "" {
		return ""
	}
	return commit + changed
}
