package sim

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
)

// A Role is what a function takes on.
type Role struct {
	Name     string
	Trust    string // JSON: who may take it on; default the functions
	Policies []Policy
}

// A Policy allows or denies actions.
type Policy struct {
	Name     string
	Document string // JSON; "": the answer has none (UNK: whether those of the vendor's own policies are shown)
	Preset   bool   // one of the vendor's own
	Offline  bool   // the vendor has taken it out of use
}

const functionsTrust = `{"version":"2.0","statement":[{"action":"name/sts:AssumeRole","effect":"allow","principal":{"service":["scf.qcloud.com"]}}]}`

// SetRole makes a role, or makes the one of that name anew. A document that is no JSON
// is a mistake in the test.
func (c *Cloud) SetRole(r Role) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r.Trust = cmp.Or(r.Trust, functionsTrust)
	r.Policies = slices.Clone(r.Policies)
	for _, p := range append([]Policy{{Document: r.Trust}}, r.Policies...) {
		if p.Document != "" && !json.Valid([]byte(p.Document)) {
			panic("sim: Role " + r.Name + ": a document is no JSON: " + p.Document)
		}
	}
	c.roles = slices.DeleteFunc(c.roles, func(o *role) bool { return o.Name == r.Name })
	made := &role{Role: r}
	for range r.Policies {
		c.policyIDs++
		made.ids = append(made.ids, 13800000+c.policyIDs)
	}
	c.roles = append(c.roles, made)
}

type role struct {
	Role
	ids []uint64 // of its policies
}

func (c *Cloud) role(name string) (*role, *refusal) {
	i := slices.IndexFunc(c.roles, func(r *role) bool { return r.Name == name })
	switch {
	case name == "":
		return nil, refuse("InvalidParameter.ParamError", "Neither RoleId nor RoleName is given.")
	case i < 0:
		return nil, refuse("InvalidParameter.RoleNotExist", "There is no role %s.", name)
	}
	return c.roles[i], nil
}

// The roles here are only found by their names.
type getRoleParams struct{ RoleName string }

type roleRow struct {
	RoleId, RoleName, PolicyDocument, Description string
	AddTime, UpdateTime                           string
	ConsoleLogin, SessionDuration                 int
	RoleType                                      string
	Tags                                          []tag
}

func (c *Cloud) getRole(q *query, p *getRoleParams) (any, *refusal) {
	r, ref := c.role(p.RoleName)
	if ref != nil {
		return nil, ref
	}
	const since = "2019-07-10 11:22:27"
	return map[string]any{"RoleInfo": roleRow{
		RoleId: "4611686018427" + strconv.Itoa(900000+slices.Index(c.roles, r)), RoleName: r.Name, PolicyDocument: r.Trust,
		AddTime: since, UpdateTime: since, SessionDuration: 43200, RoleType: "user", Tags: []tag{},
	}}, nil
}

// maxRolePage is the largest page of CAM's lists.
const maxRolePage = 200

type listAttachedRolePoliciesParams struct {
	Page, Rp                      uint64 `api:"required"`
	RoleName, PolicyType, Keyword string
}

type attachedRow struct {
	PolicyId                                     uint64
	PolicyName, AddTime, PolicyType, Description string
	CreateMode, Deactived                        int
	DeactivedDetail                              []string
}

func (c *Cloud) listAttachedRolePolicies(_ *query, p *listAttachedRolePoliciesParams) (any, *refusal) {
	if ref := notOneOf("PolicyType", p.PolicyType, "User", "QCS"); ref != nil {
		return nil, ref
	}
	if p.Rp > maxRolePage {
		return nil, refuse("InvalidParameter.ParamError", "Rp is %d, and can be 1 to %d.", p.Rp, maxRolePage)
	}
	r, ref := c.role(p.RoleName)
	if ref != nil {
		return nil, ref
	}
	rows := []attachedRow{}
	for i, one := range r.Policies {
		row := attachedRow{PolicyId: r.ids[i], PolicyName: one.Name, AddTime: "2019-07-10 11:17:41", PolicyType: "User", CreateMode: 2, DeactivedDetail: []string{}}
		if one.Preset {
			row.PolicyType = "QCS"
		}
		if one.Offline {
			row.Deactived, row.DeactivedDetail = 1, []string{"cvm"}
		}
		rows = append(rows, row)
	}
	first := min(uint64(len(rows)), (p.Page-1)*p.Rp)
	last := min(uint64(len(rows)), first+p.Rp)
	return map[string]any{"TotalNum": len(rows), "List": rows[first:last]}, nil
}

type getPolicyParams struct {
	PolicyId uint64 `api:"required"`
}

type policyRow struct {
	PolicyName, Description, PolicyDocument, PresetAlias string
	AddTime, UpdateTime                                  string
	Type, IsServiceLinkedRolePolicy                      int
	Tags                                                 []tag
}

func (c *Cloud) getPolicy(_ *query, p *getPolicyParams) (any, *refusal) {
	for _, r := range c.roles {
		i := slices.Index(r.ids, p.PolicyId)
		if i < 0 {
			continue
		}
		one, kind := r.Policies[i], 1
		if one.Preset {
			kind = 2
		}
		const since = "2019-04-29 21:28:32"
		return policyRow{PolicyName: one.Name, PolicyDocument: one.Document, AddTime: since, UpdateTime: since, Type: kind, Tags: []tag{}}, nil
	}
	return nil, refuse("ResourceNotFound.PolicyIdNotFound", "There is no policy %d.", p.PolicyId)
}
