// Package cloud is the vocabulary of the product: what a snapshot and a disk
// are, what can be asked of the service, what an answer means, which forms
// regions and ids have, and which jobs there are.
//
// It promises that a region or id of which it says that the form is right is
// safe in an API call, a log line and a replica's name. It decides nothing,
// does no I/O and imports nothing of ours.
package cloud
