// Package cloud is the vocabulary of the product: what a snapshot and a disk
// are, what can be asked of the service, what an answer means, which forms
// regions and ids have, and which jobs there are.
//
// It promises that a region or id that passes its checks is safe in an API
// call, in a log line and in a replica's name. It does not check whether the
// region or id exists. It decides nothing, does no I/O and imports no package
// of this module.
package cloud
