package sim

import (
	"cmp"
	"time"
)

// Options say how a Cloud behaves. The zero value is a faithful, strict service.
type Options struct {
	Now     func() time.Time // default time.Now
	Seed    uint64           // fixes ids and their order
	Account string           // main account (uin), default "100000000001"

	CopyTime   time.Duration // a copy is COPYING_FROM_REMOTE that long, default 10s
	CheckTime  time.Duration // and then CHECKING_COPIED, default a fifth of CopyTime
	CreateTime time.Duration // a snapshot made through the API is CREATING that long, default 2s
	DiskTime   time.Duration // a disk made through the API is not UNATTACHED that long, default 2s
	Hidden     time.Duration // a fresh replica is absent from all answers that long
	CopySpread time.Duration // each copy is COPYING_FROM_REMOTE up to that much longer, by its replica's id

	Rate        int      // requests in a second for each service, action, region and account; default 20, negative unlimited
	MoreRegions []string // regions known besides the 24 usual ones
	SoldOut     []string // zones in which no disk can be had, or a zone, a blank and the type that it has not
	KeepCalls   int      // how many of the latest calls Calls remembers, default 20000, negative none

	Quirks Quirks
	Inject func(Call) Fault // asked once for each request, in order; may call the Cloud and look at the clock, must not wait; nil injects nothing
	Fate   func(Copy) Fate  // asked once for each accepted copy; may look at the clock, must not call the Cloud; nil lets every copy finish
	Misuse func(string)     // told each complaint, after the request it is about
	// Deliver takes each event that a rule sends to a function, after the request that
	// it is about; nil: API calls raise no events. The platform delivers later and more
	// than once; so may Deliver.
	Deliver func(Delivery)
}

// Quirks has a switch for each point on which the real service is unknown (UNK).
// SetQuirks changes them in the middle of a world. All fields can be compared with ==.
type Quirks struct {
	FuzzyName         bool          // a snapshot-name filter matches parts of names
	NameValues        int           // that many values of a snapshot-name filter count, the rest is silently ignored; 0: all
	SourceCreateTime  bool          // a replica shows its source's CreateTime
	CreatingCode      string        // answer to copying a source that is CREATING, default "ResourceUnavailable.SnapshotCreating"
	TagBeforeNormal   bool          // a replica can be tagged before it is NORMAL
	TopLevelConflict  bool          // one conflict refuses the whole copy call
	MaxRegions        int           // most DestinationRegions of a call; 0: any number
	BucketRate        bool          // rates are counted in calendar seconds
	RefusedCount      bool          // requests refused for their rate count for it, too
	SystemDiskRefused bool          // snapshots of system disks can't be copied
	LateCopyMark      bool          // CopyFromRemote is false until the replica is NORMAL
	HungReleases      bool          // a copy that hangs no longer conflicts once its usual time is over
	DeleteAnyState    bool          // unfinished replicas can be deleted too
	DeleteLag         time.Duration // a deleted snapshot stays in lists that long
	RecycleTime       time.Duration // a deleted snapshot is TORECYCLE that long before it is gone; DeleteLag has no effect then
	UnknownIDRefuses  bool          // one unknown id refuses a whole DescribeSnapshots or DescribeDisks by ids
	TagsUnseen        bool          // a replica takes tags, and answers never show them
	CopiesAtOnce      int           // most copies in progress out of a region, and as many into one; 0: any number
	InstantRefused    bool          // instant snapshots can't be copied
	SizeFollows       bool          // when a disk is enlarged, so is the DiskSize of its snapshots
	DiskIDGoes        bool          // a snapshot loses its DiskId when its disk goes
	DiskLag           time.Duration // a disk made through the API is absent from lists that long
	LocalTimes        LocalZone     // a region shows its times in another zone than UTC+8
}

// A LocalZone is the zone of the times that one region shows.
type LocalZone struct {
	Region string // "" for none
	Hours  int    // ahead of UTC
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.Account = cmp.Or(o.Account, "100000000001")
	o.CopyTime = cmp.Or(o.CopyTime, 10*time.Second)
	o.CheckTime = cmp.Or(o.CheckTime, o.CopyTime/5)
	o.CreateTime = cmp.Or(o.CreateTime, 2*time.Second)
	o.DiskTime = cmp.Or(o.DiskTime, 2*time.Second)
	o.Rate = cmp.Or(o.Rate, 20) // every CBS API's documented rate
	o.KeepCalls = cmp.Or(o.KeepCalls, 20000)
	return o
}
