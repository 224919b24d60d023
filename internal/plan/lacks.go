package plan

import (
	"maps"
	"slices"
	"strings"

	"snapferry/internal/cloud"
)

// AllTags as the only element of COPY_TAGS means every key.
const AllTags = "*"

// ReservedTags are the prefixes of tag keys that are never copied: those of snapferry,
// and those that the tag service reserves (API 2018-08-13).
var ReservedTags = []string{"ferry:", "qcs:", "project", "tencent"}

// IsReservedTag reports whether a tag key is never copied.
func IsReservedTag(key string) bool {
	return slices.ContainsFunc(ReservedTags, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
}

// copiesTag reports whether COPY_TAGS selects a key.
func (r *Rules) copiesTag(key string) bool {
	if len(r.CopyTags) == 1 && r.CopyTags[0] == AllTags {
		return !IsReservedTag(key)
	}
	return slices.Contains(r.CopyTags, key)
}

// Lacks is what proven replicas lack. Each was compared with its source in this run.
// Each list has at most as many entries as the task's MaxWork.
type Lacks struct {
	// Untagged lack ferry:state. This tag is the only proof when the source is
	// gone.
	Untagged []Decision
	// Tags lack some of the source's tags that COPY_TAGS selects.
	Tags []MissingTags
	// Unshared are not shared with all of SHARE_ACCOUNTS.
	Unshared []Decision
}

// MissingTags are the tags that a replica lacks, or has with another value.
type MissingTags struct {
	Decision
	Tags map[string]string
}

// add adds what the proven replicas of a point lack. A source that is gone shows no
// tags.
func (l *Lacks) add(p *planner, v *diskView, s *series, pt *point, most int) {
	if pt.src == nil {
		return
	}
	room := func(n int) bool { return most == 0 || n < most }
	for i := range pt.replicas {
		replica := &pt.replicas[i]
		if !replica.proven() {
			continue
		}
		d := pt.verdict(s, replica)
		if !isVerified(replica.replica) && room(len(l.Untagged)) {
			l.Untagged = append(l.Untagged, d)
		}
		if tags := p.missingTags(v, pt.src, replica.replica); len(tags) > 0 && room(len(l.Tags)) {
			l.Tags = append(l.Tags, MissingTags{d, tags})
		}
		// The service shares only snapshots of data disks.
		if r := replica.replica; r.SharedOut < len(p.rules.ShareAccounts) && !r.SystemDisk && !pt.src.SystemDisk && !r.Encrypted && room(len(l.Unshared)) {
			l.Unshared = append(l.Unshared, d)
		}
	}
}

// missingTags are the tags of a source and its disk that its replica lacks. The
// snapshot's value wins. A tag without a value can't be set.
func (p *planner) missingTags(v *diskView, src, replica *cloud.Snapshot) map[string]string {
	if len(p.rules.CopyTags) == 0 {
		return nil
	}
	missing := map[string]string{}
	for _, tags := range []map[string]string{v.tags, src.Tags} {
		maps.Copy(missing, tags)
	}
	maps.DeleteFunc(missing, func(key, value string) bool {
		return !p.rules.copiesTag(key) || value == "" || replica.Tags[key] == value
	})
	return missing
}
