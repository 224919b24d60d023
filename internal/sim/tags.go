package sim

import (
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

// A tagPair is a tag as the tag service spells it.
type tagPair struct{ Key, Value string }

// UnmarshalJSON implements json.Unmarshaler, strictly.
func (t *tagPair) UnmarshalJSON(b []byte) error {
	var category ignored
	return unmarshal(b, param{"TagKey", &t.Key}, param{"TagValue", &t.Value}, param{"Category", &category})
}

type failedResource struct{ Resource, Code, Message string }

func (c *Cloud) tagResources(q *query) ([]byte, *refusal) {
	var resources []string
	var pairs []tagPair
	ref := read(q.body, param{"ResourceList", &resources}, param{"Tags", &pairs})
	switch {
	case ref != nil:
		return nil, ref
	case len(resources) == 0:
		return nil, missing("ResourceList")
	case len(pairs) == 0:
		return nil, missing("Tags")
	case len(resources) > maxTagResources:
		return nil, refuse("LimitExceeded.ResourceNumPerRequest", "There are %d resources; at most %d are allowed.", len(resources), maxTagResources)
	case len(pairs) > maxTagsPerCall:
		return nil, refuse("LimitExceeded.TagNumPerRequest", "There are %d tags; at most %d are allowed.", len(pairs), maxTagsPerCall)
	}
	list := make([]tag, 0, len(pairs))
	for _, p := range pairs {
		list = append(list, tag(p))
	}
	tags, ref := c.readTags(list)
	if ref != nil {
		return nil, ref
	}
	for _, name := range resources {
		if len(strings.Split(name, ":")) != 6 || !strings.HasPrefix(name, "qcs::") {
			return nil, refuse("InvalidParameterValue.ResourceDescriptionError", "%q is no six-segment resource.", name)
		}
	}
	reply := struct{ FailedResources []failedResource }{[]failedResource{}}
	for _, name := range resources {
		if ref := c.tagResource(q, name, tags); ref != nil {
			reply.FailedResources = append(reply.FailedResources, failedResource{name, ref.Code, ref.Message})
		}
	}
	return fields(reply), nil
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
	return c.put(held, tags)
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

func (c *Cloud) put(held, tags map[string]string) *refusal {
	fresh := 0
	for key := range tags {
		if _, known := held[key]; !known {
			fresh++
		}
	}
	if len(held)+fresh > maxTagsEach {
		return refuse("LimitExceeded.ResourceAttachedTags", "A resource has at most %d tags.", maxTagsEach)
	}
	for key, value := range tags {
		held[key] = value
	}
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
