package job

import (
	"context"
	"fmt"
	"strings"

	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

// roles checks what each function may do: not by a try, which would change something,
// but by the policies of its role.
func (c *checking) roles(ctx context.Context, found []deployed) {
	type answer struct {
		cloud.Role
		err error
	}
	known := map[string]answer{}
	for i := range found {
		d := &found[i]
		if d.Role == "" {
			c.judged[d.job] = true
			c.note(c.Region, plan.Failed, fmt.Sprintf("role: %s has none, and without a role it has no credentials: name one in snapferry.env (%s_ROLE) and deploy again", d.name, strings.ToUpper(string(d.job))))
			continue
		}
		r, asked := known[d.Role]
		if !asked {
			r.Role, r.err = c.Cloud.Role(ctx, d.Role)
			known[d.Role] = r
		}
		switch {
		case r.err != nil && meaning(r.err) == cloud.Gone:
			c.judged[d.job] = true
			c.note(c.Region, plan.Failed, fmt.Sprintf("role: there is no role %s, which %s shall have: make it in the console of CAM, or name another one and deploy again", d.Role, d.name))
		case r.err != nil:
			if r.Trust != "" {
				c.trust(d, r.Trust)
			}
			c.note(c.Region, plan.Warning, fmt.Sprintf("role: it can't be told what the roles let the functions do: %s", sentence(r.err)))
			return // the others would say the same
		default:
			c.judged[d.job] = true
			if c.trust(d, r.Trust) {
				c.permissions(d, r.Policies)
			}
		}
	}
}

// trust notes a role that functions can't take on, and then returns false.
func (c *checking) trust(d *deployed, document string) bool {
	switch trusts, ok := c.Judge.Trusts(document); {
	case trusts:
	case ok:
		c.note(c.Region, plan.Failed, fmt.Sprintf(`role: %s does not trust functions, so %s gets no credentials: "snapferry policy %s --trust" prints its trust`, d.Role, d.name, d.job))
		return false
	default:
		c.note(c.Region, plan.Warning, fmt.Sprintf(`role: it can't be told whether %s trusts functions: "snapferry policy %s --trust" prints the trust that it needs`, d.Role, d.job))
	}
	return true
}

// permissions notes what the policies of a role do not let a function do.
func (c *checking) permissions(d *deployed, policies []cloud.RolePolicy) {
	var documents, unread []string
	for _, p := range policies {
		documents = append(documents, p.Document)
		if p.Document == "" {
			unread = append(unread, p.Name)
		}
	}
	missing, unsure := c.Judge.Lacking(d.needs, documents)
	if len(missing) > 0 {
		c.note(c.Region, plan.Failed, fmt.Sprintf(`role: %s does not let %s do %s: "snapferry policy %s" prints all that it needs`, d.Role, d.name, strings.Join(missing, ", "), d.job))
	}
	if len(unsure) > 0 {
		why := "its policies have conditions, parts that are not known here, or are not about all resources"
		if len(unread) > 0 {
			why = "what these policies allow can't be read: " + strings.Join(unread, ", ")
		}
		c.note(c.Region, plan.Warning, fmt.Sprintf("role: it can't be told whether %s lets %s do %s: %s", d.Role, d.name, strings.Join(unsure, ", "), why))
	}
	if len(missing)+len(unsure) == 0 {
		c.note(c.Region, plan.Fine, fmt.Sprintf("role: %s lets %s do all that it needs", d.Role, d.name))
	}
}
