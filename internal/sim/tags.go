package sim

import (
	"maps"
	"strings"
	"unicode/utf8"
)

// The tag service's documented limits.
const (
	maxTagResources = 10
	maxTagsPerCall  = 10
	maxTagsEach     = 50
	maxTagKey       = 127
	maxTagValue     = 255
	maxValuesPerKey = 1000
)

type tagResourcesParams struct {
	ResourceList []string `api:"required"`
	Tags         []struct {
		TagKey, TagValue string
		Category         ignored
	} `api:"required"`
}

type failedResource struct{ Resource, Code, Message string }

func (c *Cloud) tagResources(q *query, p *tagResourcesParams) (any, *refusal) {
	if n := len(p.ResourceList); n > maxTagResources {
		return nil, refuse("LimitExceeded.ResourceNumPerRequest", "There are %d resources; at most %d are allowed.", n, maxTagResources)
	}
	if n := len(p.Tags); n > maxTagsPerCall {
		return nil, refuse("LimitExceeded.TagNumPerRequest", "There are %d tags; at most %d are allowed.", n, maxTagsPerCall)
	}
	var list []tag
	for _, t := range p.Tags {
		list = append(list, tag{t.TagKey, t.TagValue})
	}
	tags, ref := c.readTags(list)
	if ref != nil {
		return nil, ref
	}
	for _, name := range p.ResourceList {
		if len(strings.Split(name, ":")) != 6 || !strings.HasPrefix(name, "qcs::") {
			return nil, refuse("InvalidParameterValue.ResourceDescriptionError", "%q is no six-segment resource.", name)
		}
	}
	reply := struct{ FailedResources []failedResource }{[]failedResource{}}
	for _, name := range p.ResourceList {
		if ref := c.tagResource(q, name, tags); ref != nil {
			reply.FailedResources = append(reply.FailedResources, failedResource{name, ref.Code, ref.Message})
		}
	}
	return reply, nil
}

// tagResource tags one resource, qcs::cvm:<region>:uin/<account>:snapshot/<id>.
// A resource of another service or kind is taken without a word, and nothing
// happens (recorded of the real service).
func (c *Cloud) tagResource(q *query, name string, tags map[string]string) *refusal {
	parts := strings.Split(name, ":")
	kind, id, _ := strings.Cut(parts[5], "/")
	if parts[2] != "cvm" || kind != "snapshot" && kind != "volume" {
		c.complain("tag-prefix", "TagResources was sent %s, which tags nothing: snapshots are qcs::cvm:…:snapshot/<id>", name)
		return nil
	}
	if parts[4] != "uin/"+c.opt.Account {
		return refuse("FailedOperation.ResourceAppIdNotSame", "The resource is not of account %s.", c.opt.Account)
	}
	r, ok := c.regions[parts[3]]
	if !ok {
		return refuse("InvalidParameterValue.RegionInvalid", "There is no region %q.", parts[3])
	}
	r.sweep(q.now)
	held, ref := c.tagsOf(q, r, kind, id)
	if ref != nil {
		return ref
	}
	return c.putTags(held, tags)
}

// tagsOf finds a resource's tags; they are made where there were none.
func (c *Cloud) tagsOf(q *query, r *region, kind, id string) (map[string]string, *refusal) {
	absent := refuse("InvalidParameterValue.ResourceIdInvalid", "There is no %s %s in %s.", kind, id, r.name) // UNK: the code
	if kind == "volume" {
		d, ok := r.disks.byID[id]
		if !ok {
			return nil, absent
		}
		if d.Tags == nil {
			d.Tags = map[string]string{}
		}
		return d.Tags, nil
	}
	s, ok := r.find(id, q.now)
	if !ok || s.Type == sharedSnapshot {
		return nil, absent
	}
	if s.CopyFromRemote && s.State != stateNormal && !c.opt.Quirks.TagBeforeNormal { // UNK
		return nil, refuse("FailedOperation.ResourceTagProcessing", "Snapshot %s is %s.", id, s.State)
	}
	if s.Tags == nil {
		s.Tags = map[string]string{}
	}
	return s.Tags, nil
}

// putTags adds tags to those that a resource has.
func (c *Cloud) putTags(held, tags map[string]string) *refusal {
	after := maps.Clone(held)
	maps.Copy(after, tags)
	if len(after) > maxTagsEach {
		return refuse("LimitExceeded.ResourceAttachedTags", "A resource has at most %d tags.", maxTagsEach)
	}
	maps.Copy(held, tags)
	c.noteTags(tags)
	return nil
}

// readTags checks tags and makes them a map.
func (c *Cloud) readTags(list []tag) (map[string]string, *refusal) {
	const bad = "InvalidParameterValue."
	if len(list) == 0 {
		return nil, nil
	}
	tags := make(map[string]string, len(list))
	for _, t := range list {
		keySize, valueSize := utf8.RuneCountInString(t.Key), utf8.RuneCountInString(t.Value)
		_, double := tags[t.Key]
		switch {
		case keySize == 0:
			return nil, refuse(bad+"TagKeyEmpty", "A tag has no key.")
		case keySize > maxTagKey:
			return nil, refuse(bad+"TagKeyLengthExceeded", "The tag key %q is longer than %d characters.", t.Key, maxTagKey)
		case reserved(t.Key):
			return nil, refuse(bad+"ReservedTagKey", "The tag key %q is reserved.", t.Key)
		case valueSize == 0:
			return nil, refuse(bad+"TagValueEmpty", "The tag %q has no value.", t.Key)
		case valueSize > maxTagValue:
			return nil, refuse(bad+"TagValueLengthExceeded", "The value of tag %q is longer than %d characters.", t.Key, maxTagValue)
		case double:
			return nil, refuse(bad+"TagKeyDuplicate", "The tag key %q is given twice.", t.Key)
		case !c.tagValues[t.Key][t.Value] && len(c.tagValues[t.Key]) >= maxValuesPerKey:
			return nil, refuse("LimitExceeded.TagValue", "The tag key %q has %d values already.", t.Key, maxValuesPerKey)
		}
		tags[t.Key] = t.Value
	}
	return tags, nil
}

func reserved(key string) bool {
	return strings.HasPrefix(key, "qcs:") || strings.HasPrefix(key, "project") || strings.HasPrefix(key, "tencent")
}
