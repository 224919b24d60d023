package handler

import "runtime/debug"

// Version is the version of the product, as replies and the command line name it.
const Version = "0.3.0"

// Contract counts the changes of what other programs see (settings, events, replies, names
// and tags in the account, commands) that need a change of theirs.
const Contract = 1

// commit is set when the program is built for a release.
var commit string

// BuiltFrom is the commit that the program was built from; "unknown" if the build did not
// say.
func BuiltFrom() string {
	if info, ok := debug.ReadBuildInfo(); ok && commit == "" {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	if commit == "" {
		return "unknown"
	}
	return commit
}
