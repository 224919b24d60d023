package cloud

// A Function is a function as it is deployed.
type Function struct {
	Status   string // Active, or the service's word for another state
	Reason   string // of another state; "" if the service gives none
	Role     string // its name; "" for none
	Runtime  string
	MemoryMB int
	Seconds  int // its timeout
	LogTopic string
	// Variables is its environment. It has secrets: no value is ever shown.
	Variables map[string]string
}

// Active is the state of a function that can be called.
const Active = "Active"

// A Role is what a function takes on, and with it the policies that are bound to it.
type Role struct {
	Trust    string // JSON: who may take it on
	Policies []RolePolicy
}

// A RolePolicy allows or denies actions. A Document of "" could not be read.
type RolePolicy struct{ Name, Document string }

// An AlarmPolicy tells people of metrics of functions.
type AlarmPolicy struct {
	Name    string
	Metrics []string
	Enabled bool
	Tells   bool // it has a notification template
	All     bool // it is about all functions
	Objects int  // else about so many
}

// A Timer calls a function at the times of Cron, in the service's own form, with
// Argument as the event's message.
type Timer struct {
	Name, Cron, Argument string
	Enabled              bool
}
