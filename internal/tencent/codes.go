package tencent

import (
	"slices"
	"strings"
	"sync"

	"snapferry/internal/plan"
)

// A CodeInfo is what one error code means for the work. Code is a whole code,
// its beginning up to a dot, or, ending in *, the beginning of a first part.
type CodeInfo struct {
	Code    string
	Meaning plan.Meaning
	Hint    string // what the operator should do; "" if nothing
}

// Codes returns the table of all error codes with a meaning of their own, by
// name. A code that is not in it means what its beginning up to the last dot
// means, and so on; a first part nobody has heard of may mean anything.
func Codes() []CodeInfo {
	all := slices.Clone(codes)
	slices.SortFunc(all, func(a, b CodeInfo) int { return strings.Compare(a.Code, b.Code) })
	return all
}

// byCode indexes the table.
var byCode = sync.OnceValue(func() map[string]CodeInfo {
	m := make(map[string]CodeInfo, len(codes))
	for _, c := range codes {
		m[c.Code] = c
	}
	return m
})

// lookup finds what a code means.
func lookup(code string) CodeInfo {
	table := byCode()
	for part := code; part != ""; part = part[:max(0, strings.LastIndexByte(part, '.'))] {
		if c, ok := table[part]; ok {
			return c
		}
	}
	first := firstPart(code)
	for n := len(first); n > 0; n-- {
		if c, ok := table[first[:n]+"*"]; ok {
			return c
		}
	}
	return CodeInfo{Code: code, Meaning: plan.MayHaveHappened, Hint: hintAgain}
}

// firstPart is a code up to its first dot.
func firstPart(code string) string {
	first, _, _ := strings.Cut(code, ".")
	return first
}

const (
	hintAgain      = "nothing, the next run tries again; if it stays, give the RequestId to the vendor's support"
	hintRate       = "nothing, unless it stays: then lower API_RATE, other programs use the account too"
	hintKeys       = "check the secret id and key of the function's role, or of the shell"
	hintClock      = "set the clock: it may differ from the service's by five minutes"
	hintPermission = "grant the role the action that the message names"
	hintOrigin     = "let the function's addresses into the account's or the key's list of addresses"
	hintQuota      = "delete snapshots in the target region, keep fewer, or ask the vendor for a larger quota there"
	hintSource     = "tag the snapshot ferry:skip; encrypted, shared and some system-disk snapshots can't be copied"
	hintSettings   = "check the settings and the event; if they are right, it is a mistake of snapferry: report it with the RequestId"
	hintRegion     = "check TARGET_REGIONS, SOURCE_REGIONS, ferry:targets and API_DOMAIN"
	hintBalance    = "pay into the account: copies and storage may cost"
	hintNetwork    = "check API_ENDPOINT, API_DOMAIN and the function's network"
	hintShared     = "end the sharing of the snapshot first"
	hintImage      = "delete the images made of the snapshot first; snapferry never does"
	hintState      = "nothing: it is done when the snapshot is NORMAL"
)

// codes is the one place where codes get their meaning: by code, never by the
// text of a message. Sources: the page of CopySnapshotCrossRegions, the common
// error codes of API 3.0, and the codes of cbs 2017-03-12.
var codes = []CodeInfo{
	// CopySnapshotCrossRegions.
	{"InsufficientSnapshotQuota", plan.RegionFull, hintQuota},
	{"InternalError.ComponentError", plan.MayHaveHappened, hintAgain},
	{"InvalidAccount.InsufficientBalance", plan.StopRun, hintBalance},
	{"InvalidParameterValue", plan.WrongRequest, hintSettings},
	{"InvalidSnapshot.NotSupported", plan.NeverThis, hintSource},
	{"InvalidSnapshotId.NotFound", plan.Gone, ""},
	{"ResourceBusy", plan.Later, ""},
	{"ResourceInUse.CopySnapshotConflict", plan.AlreadyUnderWay, ""},
	{"UnsupportedOperation.SnapshotNotSupportCopy", plan.NeverThis, hintSource},

	// Common codes: who asks.
	{"AuthFailure", plan.StopRun, hintKeys},
	{"AuthFailure.InvalidAuthorization", plan.StopRun, hintKeys},
	{"AuthFailure.InvalidSecretId", plan.StopRun, hintKeys},
	{"AuthFailure.MFAFailure", plan.StopRun, "use a role or a key that needs no second factor"},
	{"AuthFailure.SecretIdNotFound", plan.StopRun, hintKeys},
	{"AuthFailure.SignatureExpire", plan.StopRun, hintClock},
	{"AuthFailure.SignatureFailure", plan.StopRun, hintKeys},
	{"AuthFailure.TokenFailure", plan.StopRun, "get new temporary credentials: their token is wrong or has expired"},
	{"AuthFailure.UnauthorizedOperation", plan.StopRun, hintPermission},
	{"UnauthorizedOperation", plan.StopRun, hintPermission},
	{"UnauthorizedOperation.MFAExpired", plan.StopRun, "use a role or a key that needs no second factor"},
	{"UnauthorizedOperation.NotCertification", plan.StopRun, "complete the account's identity verification"},
	{"UnauthorizedOperation.NotHavePaymentRight", plan.StopRun, "grant the role the right to pay"},
	{"UnauthorizedOperation.RoleNotExists", plan.StopRun, "make the function's role again"},
	{"IpInBlacklist", plan.StopRun, hintOrigin},
	{"IpNotInWhitelist", plan.StopRun, hintOrigin},
	{"InvalidAccount", plan.StopRun, "look at the account in the console: the service refuses it"},

	// Common codes: how it is asked.
	{"ActionOffline", plan.WrongRequest, hintSettings},
	{"DryRunOperation", plan.WrongRequest, hintSettings},
	{"InvalidAction", plan.WrongRequest, hintSettings},
	{"InvalidFilter", plan.WrongRequest, hintSettings},
	{"InvalidParameter", plan.WrongRequest, hintSettings},
	{"InvalidRequest", plan.WrongRequest, hintSettings},
	{"Invalid*", plan.WrongRequest, hintSettings},
	{"MissingParameter", plan.WrongRequest, hintSettings},
	{"Missing*", plan.WrongRequest, hintSettings},
	{"NoSuchProduct", plan.WrongRequest, hintRegion},
	{"NoSuchVersion", plan.WrongRequest, hintRegion},
	{"NoSuch*", plan.WrongRequest, hintRegion},
	{"RequestSizeLimitExceeded", plan.WrongRequest, hintSettings},
	{"UnknownParameter", plan.WrongRequest, hintSettings},
	{"Unknown*", plan.WrongRequest, hintSettings},
	{"UnsupportedOperation", plan.WrongRequest, hintSettings},
	{"UnsupportedProtocol", plan.WrongRequest, hintSettings},
	{"UnsupportedRegion", plan.WrongRequest, hintRegion},
	{"Unsupported*", plan.WrongRequest, hintSettings},

	// Common codes: refused for now, nothing happened.
	{"RequestLimitExceeded", plan.Later, hintRate},
	{"RequestLimitExceeded.GlobalRegionUinLimitExceeded", plan.Later, hintRate},
	{"RequestLimitExceeded.IPLimitExceeded", plan.Later, hintRate},
	{"RequestLimitExceeded.UinLimitExceeded", plan.Later, hintRate},
	{"ResourceInUse", plan.Later, ""},
	{"ResourceUnavailable", plan.Later, ""},
	{"ServiceUnavailable", plan.Later, ""},

	// Common codes: there is no room.
	{"LimitExceeded", plan.RegionFull, hintQuota},
	{"LimitExceeded.TagQuotaLimitExceeded", plan.Later, hintRate}, // of the tag service
	{"ResourceInsufficient", plan.RegionFull, hintQuota},
	{"Insufficient*", plan.RegionFull, hintQuota},

	// Common codes: no clear answer, or none at all.
	{"FailedOperation", plan.MayHaveHappened, hintAgain},
	{"InternalError", plan.MayHaveHappened, hintAgain},
	{"ResponseSizeLimitExceeded", plan.MayHaveHappened, hintAgain},
	{"ClientError", plan.MayHaveHappened, hintNetwork},
	{"ClientError.HttpStatusCodeError", plan.MayHaveHappened, hintNetwork},
	{"ClientError.IOError", plan.MayHaveHappened, hintNetwork},
	{"ClientError.NetworkError", plan.MayHaveHappened, hintNetwork},
	{"ClientError.ParseJsonError", plan.MayHaveHappened, hintNetwork},

	// Other codes of cbs, and what else they say about a snapshot.
	{"InvalidDisk.Busy", plan.Later, ""},
	{"InvalidDisk.SnapshotCreating", plan.NotReady, hintState},
	{"InvalidDiskId.NotFound", plan.Gone, ""},
	{"ResourceNotFound", plan.Gone, ""},
	{"ResourceUnavailable.SnapshotCreating", plan.NotReady, hintState},
	{"ResourceUnavailable.TooManyCreatingSnapshot", plan.Later, ""},
	{"UnsupportedOperation.DiskEncrypt", plan.NeverThis, hintSource},
	{"UnsupportedOperation.SnapHasShared", plan.WrongRequest, hintShared},
	{"UnsupportedOperation.SnapshotHasBindedImage", plan.WrongRequest, hintImage},
	{"UnsupportedOperation.StateError", plan.NotReady, hintState},
}
