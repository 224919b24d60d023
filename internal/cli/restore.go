package cli

import (
	"bufio"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"snapferry/handler"
	"snapferry/internal/cloud"
	"snapferry/internal/plan"
)

type restoreCommand struct {
	From     string   `required:"" placeholder:"REGION" help:"The region that is lost."`
	To       string   `required:"" placeholder:"REGION" help:"The recovery region, where the replicas are."`
	Zone     string   `placeholder:"ZONE" help:"The zone of the new disks; otherwise the one that has most of them."`
	Disk     []string `placeholder:"ID" help:"Only this disk; repeat it for more."`
	At       string   `placeholder:"TIME" help:"From the newest points at or before this time: RFC 3339, or a date and time in TIME_ZONE."`
	Type     string   `placeholder:"TYPE" help:"The type of the new disks, such as CLOUD_SSD; otherwise the cheapest that takes the size."`
	Unproven bool     `help:"Take a replica that is not proven, where a disk has no other."`
	Write    string   `placeholder:"FORM" help:"Print the commands (tccli) or the configuration (terraform) that do the same, and make nothing."`
	Yes      bool     `help:"Make the disks without asking."`
	JSON     bool     `name:"json" help:"Print the reply as one line of JSON."`
}

// order checks the flags and makes an order of them.
func (c *restoreCommand) order() (plan.RestoreOrder, error) {
	o := plan.RestoreOrder{From: c.From, To: c.To, Zone: c.Zone, Type: c.Type, Unproven: c.Unproven}
	for _, id := range c.Disk {
		if !cloud.IsDiskID(id) {
			return o, fmt.Errorf("--disk: %q is not a disk id such as disk-omp7wl2m", id)
		}
		if !slices.Contains(o.Disks, id) {
			o.Disks = append(o.Disks, id)
		}
	}
	switch {
	case !cloud.IsRegion(c.From):
		return o, fmt.Errorf("--from: %q is not a region such as ap-guangzhou", c.From)
	case !cloud.IsRegion(c.To):
		return o, fmt.Errorf("--to: %q is not a region such as ap-beijing", c.To)
	case c.From == c.To:
		return o, fmt.Errorf("--to: %s is the lost region itself: name the region with the replicas", c.To)
	case c.Zone != "" && !cloud.IsZoneOf(c.To, c.Zone):
		return o, fmt.Errorf("--zone: %q is not a zone of %s such as %s-1", c.Zone, c.To, c.To)
	case c.Type != "" && !cloud.IsDiskType(c.Type):
		return o, fmt.Errorf("--type: %q is not a disk type such as CLOUD_PREMIUM", c.Type)
	case c.Write != "" && writers[c.Write] == nil:
		return o, fmt.Errorf("--write: %q is neither tccli nor terraform", c.Write)
	case c.Write != "" && c.JSON:
		return o, errors.New("--write and --json exclude each other")
	}
	return o, nil
}

// Run restores every disk.
func (c *restoreCommand) Run(a *app) error {
	o, err := c.order()
	if err != nil {
		return misuse{err}
	}
	h, finish := a.handler(c.JSON)
	defer finish()
	r, err := h.PlanRestore(a.ctx, o, c.At)
	finish() // nothing is drawn over the plan and the question
	if err != nil {
		return errors.Join(err, a.interrupted())
	}
	if c.Write != "" {
		return a.writeRestore(r, c.Write)
	}
	planned, failed := r.Planned()
	due, made := planned.Counts[plan.Planned], planned.Counts[plan.Exists]
	if r.DryRun || due+made == 0 {
		return errors.Join(failed, a.printRestore(planned, c.JSON))
	}
	if due > 0 && !c.JSON {
		a.printTable(planned, "")
		a.out.say("%s", cost(r))
	}
	if due > 0 && !c.Yes {
		if yes, err := a.confirm(due); err != nil || !yes {
			if c.JSON {
				return errors.Join(err, a.printJSON(planned))
			}
			return err
		}
	}
	reply, err := r.Run(a.ctx)
	finish()
	return errors.Join(err, a.printRestore(reply, c.JSON), a.interrupted())
}

// printRestore prints a reply as JSON or as a table.
func (a *app) printRestore(r handler.Reply, asJSON bool) error {
	if asJSON {
		return a.printJSON(r)
	}
	a.printTable(r, "")
	return nil
}

// confirm asks the person. Without one, nothing is made.
func (a *app) confirm(n int) (bool, error) {
	if !a.Interactive {
		return false, misuse{errors.New("nothing was made: there is no terminal to ask on, and --yes makes the disks without asking")}
	}
	a.err.ask(fmt.Sprintf("Make %s now? They cost money until you terminate them. [y/N]", number(n, "disk", "disks")))
	answer := make(chan string, 1)
	go func() { // an interrupt does not end a read
		line, _ := bufio.NewReader(a.Stdin).ReadString('\n')
		answer <- line
	}()
	select {
	case <-a.ctx.Done():
		a.err.line("") // the question stands there
		a.err.say("nothing was made")
		return false, a.interrupted()
	case line := <-answer:
		if slices.Contains([]string{"y", "yes"}, strings.ToLower(strings.TrimSpace(line))) {
			return true, nil
		}
	}
	a.err.say("nothing was made")
	return false, nil
}

// cost says what the planned disks take and cost.
func cost(r *handler.Restore) string {
	var zones, prices []string
	n, size := 0, 0
	for i := range r.All {
		d := &r.All[i]
		if d.Outcome != plan.Planned {
			continue
		}
		n, size = n+1, size+d.SizeGiB
		zones = append(zones, d.Zone)
		if d.PricePerHour > 0 {
			prices = append(prices, fmt.Sprintf("%s at %.4f an hour", d.Type, d.PricePerHour))
		}
	}
	text := fmt.Sprintf("to be made: %s, %s GiB, paid by the hour", number(n, "disk", "disks"), thousands(size))
	if n > 0 {
		text += ", in " + strings.Join(distinctWords(zones), " and ")
	}
	if len(prices) > 0 {
		text += "; the service lists " + strings.Join(distinctWords(prices), ", ") + " (it does not say for which size)"
	}
	return text
}

func distinctWords(words []string) []string {
	slices.Sort(words)
	return slices.Compact(words)
}

// restores lays out the disks of a restore or a drill. On a narrow screen the reasons
// that a person must read stand below the table.
func (s *screen) restores(r handler.Reply) string {
	wide := columns{say: s.in, names: []string{"Disk", "Point", "Age", "Replica", "GiB", "Outcome", "New disk", "Type", "Zone", "Took", "Reason"}, width: s.width}
	narrow := columns{say: s.in, names: []string{"Disk\nNew disk", "Point\nReplica", "Age\nGiB", "Type\nZone", "Outcome\nTook"}}
	if s.terminal() {
		narrow.width = s.width
	}
	var notes []string
	all := r.All()
	if len(all) == 0 {
		all = r.Actions // a reply that was read, not made
	}
	for _, a := range all {
		point, age, gib, took := "", "", "", ""
		if !a.Point.IsZero() {
			point, age = s.when(a.Point), plan.Coarse(max(0, r.At.Sub(a.Point)))
		}
		if a.SizeGiB > 0 {
			gib = fmt.Sprint(a.SizeGiB)
		}
		if a.Seconds > 0 {
			took = time.Duration(a.Seconds * float64(time.Second)).Round(time.Second).String()
		}
		wide.rows = append(wide.rows, []string{a.Disk, point, age, a.Replica, gib, s.outcome(a.Outcome), a.NewDisk, a.Type, a.Zone, took, a.Reason})
		narrow.rows = append(narrow.rows, []string{a.Disk + "\n" + a.NewDisk, point + "\n" + a.Replica, age + "\n" + gib, a.Type + "\n" + a.Zone, s.outcome(a.Outcome) + "\n" + took})
		if c := a.Outcome.Class(); c == plan.Alarm || c == plan.Unclear || c == plan.Later || strings.Contains(a.Reason, ";") || strings.HasPrefix(a.Reason, "not proven") {
			notes = append(notes, wrapped(a.Disk+s.colon()+s.outcome(a.Outcome)+s.colon()+s.in(a.Reason), "", s.columns()))
		}
	}
	if wide = wide.withoutEmpty(); !s.terminal() || len(wide.rows) > 0 && s.width-wide.fixed() >= readable {
		return wide.render()
	}
	return strings.Join(append([]string{narrow.withoutEmpty().render()}, notes...), "\n")
}
