package tencent

import (
	"slices"
	"strings"
	"sync"

	"snapferry/internal/cloud"
)

// A CodeInfo is what one error code means for the work. Code is an exact code,
// which also matches its subcodes Code.X, or a prefix of the first part, followed
// by *.
type CodeInfo struct {
	Code    string
	Meaning cloud.Meaning
	Hint    string // what the operator should do; "" if nothing
}

// Codes returns the table of error codes, sorted by code. A code that is not in the
// table has the meaning of its part before the last dot, and so on. If that is
// unknown too, the meaning is MayHaveHappened.
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
	return CodeInfo{Code: code, Meaning: cloud.MayHaveHappened, Hint: hintAgain}
}

// firstPart is a code up to its first dot.
func firstPart(code string) string {
	first, _, _ := strings.Cut(code, ".")
	return first
}

const (
	hintAgain      = "do nothing, the next run tries again; if the error stays, give the RequestId to the vendor's support"
	hintTagValues  = "a tag key holds at most 1,000 different values: take the key out of COPY_TAGS"
	hintTags       = "a resource has at most 50 tags: name fewer keys in COPY_TAGS"
	hintRate       = "do nothing; if the error stays, lower API_RATE, because other programs use the account too"
	hintKeys       = "check the secret id and key of the function's role, or of the shell"
	hintClock      = "set the clock: it may differ from the service's clock by at most five minutes"
	hintPermission = "grant the named action to the role"
	hintOrigin     = "add the function's addresses to the account's or the key's list of allowed addresses"
	hintQuota      = "delete snapshots in the target region, keep fewer replicas, or ask the vendor for a larger quota there"
	hintSource     = "tag the snapshot ferry:skip; encrypted, shared and some system-disk snapshots can't be copied"
	hintSettings   = "check the settings and the event; if they are right, this is a bug of snapferry: report it with the RequestId"
	hintRegion     = "check TARGET_REGIONS, SOURCE_REGIONS, ferry:targets and API_DOMAIN"
	hintBalance    = "pay money into the account: copies and storage may cost"
	hintNetwork    = "check API_ENDPOINT, API_DOMAIN and the function's network"
	hintShared     = "end the shares of the snapshot first"
	hintImage      = "delete the images that depend on the snapshot first; snapferry never deletes images"
	hintIncomplete = "do nothing, the next run reads the list again; if it stays incomplete, tell the vendor's support"
	hintToken      = "run the same command again: another run has just asked for this disk with other parameters"
	hintDiskTags   = "a tag key holds at most 1,000 different values: in the console of tags, delete values of ferry:drill or ferry:restore that no disk has any more"
	hintDisks      = "choose another --type, or another --zone and with --disk the disks for it, delete disks, or ask the vendor for a larger disk quota"
	hintRules      = "delete event rules or targets that nobody needs in the console of EventBridge, or ask the vendor for more; until then the timer copies"
	hintRepeat     = "run it again; if the error stays, give the RequestId to the vendor's support"
	hintState      = "do nothing: a later run does it when the snapshot is NORMAL"
)

// codes is the only place that gives codes a meaning. The text of a message has no
// influence. Sources: the page of CopySnapshotCrossRegions, the common error codes
// of API 3.0, and the codes of cbs 2017-03-12.
var codes = []CodeInfo{
	// CopySnapshotCrossRegions.
	{"InsufficientSnapshotQuota", cloud.RegionFull, hintQuota},
	{"InternalError.ComponentError", cloud.MayHaveHappened, hintAgain},
	{"InvalidAccount.InsufficientBalance", cloud.StopRun, hintBalance},
	{"InvalidParameterValue", cloud.WrongRequest, hintSettings},
	{"InvalidSnapshot.NotSupported", cloud.NeverThis, hintSource},
	{"InvalidSnapshotId.NotFound", cloud.Gone, ""},
	{"ResourceBusy", cloud.Later, ""},
	{"ResourceInUse.CopySnapshotConflict", cloud.AlreadyUnderWay, ""},
	{"UnsupportedOperation.SnapshotNotSupportCopy", cloud.NeverThis, hintSource},

	// Common codes: account, credentials, permission.
	{"AuthFailure", cloud.StopRun, hintKeys},
	{"AuthFailure.InvalidAuthorization", cloud.StopRun, hintKeys},
	{"AuthFailure.InvalidSecretId", cloud.StopRun, hintKeys},
	{"AuthFailure.MFAFailure", cloud.StopRun, "use a role or a key that needs no second factor"},
	{"AuthFailure.SecretIdNotFound", cloud.StopRun, hintKeys},
	{"AuthFailure.SignatureExpire", cloud.StopRun, hintClock},
	{"AuthFailure.SignatureFailure", cloud.StopRun, hintKeys},
	{"AuthFailure.TokenFailure", cloud.StopRun, "get new temporary credentials: their token is wrong or has expired"},
	{"AuthFailure.UnauthorizedOperation", cloud.Denied, hintPermission},
	{"UnauthorizedOperation", cloud.Denied, hintPermission},
	{"UnauthorizedOperation.MFAExpired", cloud.StopRun, "use a role or a key that needs no second factor"},
	{"UnauthorizedOperation.NotCertification", cloud.StopRun, "complete the account's identity verification"},
	{"UnauthorizedOperation.NotHavePaymentRight", cloud.StopRun, "grant the role the right to pay"},
	{"UnauthorizedOperation.RoleNotExists", cloud.StopRun, "make the function's role again"},
	{"IpInBlacklist", cloud.StopRun, hintOrigin},
	{"IpNotInWhitelist", cloud.StopRun, hintOrigin},
	{"InvalidAccount", cloud.StopRun, "check the account in the console: the service refuses it"},

	// Common codes: wrong requests.
	{"ActionOffline", cloud.WrongRequest, hintSettings},
	{"DryRunOperation", cloud.WrongRequest, hintSettings},
	{"InvalidAction", cloud.WrongRequest, hintSettings},
	{"InvalidFilter", cloud.WrongRequest, hintSettings},
	{"InvalidParameter", cloud.WrongRequest, hintSettings},
	{"InvalidParameter.RoleNotExist", cloud.Gone, ""}, // of cam; UNK: whether that is its code
	{"InvalidRequest", cloud.WrongRequest, hintSettings},
	{"Invalid*", cloud.WrongRequest, hintSettings},
	{"MissingParameter", cloud.WrongRequest, hintSettings},
	{"Missing*", cloud.WrongRequest, hintSettings},
	{"NoSuchProduct", cloud.WrongRequest, hintRegion},
	{"NoSuchVersion", cloud.WrongRequest, hintRegion},
	{"NoSuch*", cloud.WrongRequest, hintRegion},
	{"RequestSizeLimitExceeded", cloud.WrongRequest, hintSettings},
	{"UnknownParameter", cloud.WrongRequest, hintSettings},
	{"Unknown*", cloud.WrongRequest, hintSettings},
	{"UnsupportedOperation", cloud.WrongRequest, hintSettings},
	{"UnsupportedProtocol", cloud.WrongRequest, hintSettings},
	{"UnsupportedRegion", cloud.NoSuchRegion, hintRegion},
	{"Unsupported*", cloud.WrongRequest, hintSettings},

	// Common codes: refused now, nothing happened.
	{"RequestLimitExceeded", cloud.Later, hintRate},
	{"RequestLimitExceeded.GlobalRegionUinLimitExceeded", cloud.Later, hintRate},
	{"RequestLimitExceeded.IPLimitExceeded", cloud.Later, hintRate},
	{"RequestLimitExceeded.UinLimitExceeded", cloud.Later, hintRate},
	{"ResourceInUse", cloud.Later, ""},
	{"ResourceUnavailable", cloud.Later, ""},
	{"ServiceUnavailable", cloud.Later, ""},

	// Common codes: the quota is used up.
	{"LimitExceeded", cloud.RegionFull, hintQuota},
	{"LimitExceeded.TagQuotaLimitExceeded", cloud.Later, hintRate}, // of the tag service
	{"LimitExceeded.TagValue", cloud.WrongRequest, hintTagValues},
	{"LimitExceeded.ResourceAttachedTags", cloud.WrongRequest, hintTags},
	{"ResourceInsufficient", cloud.RegionFull, hintQuota},
	{"Insufficient*", cloud.RegionFull, hintQuota},

	// Common codes: no clear answer, or none at all.
	{"FailedOperation", cloud.MayHaveHappened, hintAgain},
	{"InternalError", cloud.MayHaveHappened, hintAgain},
	{"ResponseSizeLimitExceeded", cloud.MayHaveHappened, hintAgain},
	{"ClientError", cloud.MayHaveHappened, hintNetwork},
	{"ClientError.HttpStatusCodeError", cloud.MayHaveHappened, hintNetwork},
	{"ClientError.IOError", cloud.MayHaveHappened, hintNetwork},
	{"ClientError.NetworkError", cloud.MayHaveHappened, hintNetwork},
	{"ClientError.ParseJsonError", cloud.MayHaveHappened, hintNetwork},

	// CreateDisks and TerminateDisks. CreateDisk knows what a used-up quota means there.
	{"InvalidParameter.InvalidClientToken", cloud.TokenTaken, hintToken},
	{"ResourceUnavailable.RepeatRefund", cloud.Gone, ""},
	{"TradeDealConflict", cloud.Later, ""},

	// Other codes of cbs.
	{"InvalidDisk.Busy", cloud.Later, ""},
	{"InvalidDisk.SnapshotCreating", cloud.NotReady, hintState},
	{"InvalidDiskId.NotFound", cloud.Gone, ""},
	{"ResourceNotFound", cloud.Gone, ""},
	{"ResourceUnavailable.SnapshotCreating", cloud.NotReady, hintState},
	{"ResourceUnavailable.TooManyCreatingSnapshot", cloud.Later, ""},
	{"UnsupportedOperation.DiskEncrypt", cloud.NeverThis, hintSource},
	{"UnsupportedOperation.SnapHasShared", cloud.WrongRequest, hintShared},
	{"UnsupportedOperation.SnapshotHasBindedImage", cloud.WrongRequest, hintImage},
	{"UnsupportedOperation.StateError", cloud.NotReady, hintState},
}
