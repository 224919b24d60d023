package tencent_test

import (
	"strings"
	"testing"

	"snapferry/internal/plan"
	"snapferry/internal/tencent"
)

// want is what codes mean for a copy. Where a code has no row in the table,
// its beginning decides.
var want = map[string]plan.Meaning{
	// The page of CopySnapshotCrossRegions.
	"InsufficientSnapshotQuota":                   plan.RegionFull,
	"InternalError.ComponentError":                plan.MayHaveHappened,
	"InvalidAccount.InsufficientBalance":          plan.StopRun,
	"InvalidParameterValue":                       plan.WrongRequest,
	"InvalidSnapshot.NotSupported":                plan.NeverThis,
	"InvalidSnapshotId.NotFound":                  plan.Gone,
	"ResourceBusy":                                plan.Later,
	"ResourceInUse.CopySnapshotConflict":          plan.AlreadyUnderWay,
	"UnsupportedOperation.SnapshotNotSupportCopy": plan.NeverThis,

	// The common codes of API 3.0.
	"ActionOffline":                     plan.WrongRequest,
	"AuthFailure":                       plan.StopRun,
	"AuthFailure.InvalidAuthorization":  plan.StopRun,
	"AuthFailure.InvalidSecretId":       plan.StopRun,
	"AuthFailure.MFAFailure":            plan.StopRun,
	"AuthFailure.SecretIdNotFound":      plan.StopRun,
	"AuthFailure.SignatureExpire":       plan.StopRun,
	"AuthFailure.SignatureFailure":      plan.StopRun,
	"AuthFailure.TokenFailure":          plan.StopRun,
	"AuthFailure.UnauthorizedOperation": plan.StopRun,
	"DryRunOperation":                   plan.WrongRequest,
	"FailedOperation":                   plan.MayHaveHappened,
	"InternalError":                     plan.MayHaveHappened,
	"InvalidAction":                     plan.WrongRequest,
	"InvalidFilter":                     plan.WrongRequest,
	"InvalidParameter":                  plan.WrongRequest,
	"InvalidRequest":                    plan.WrongRequest,
	"InvalidAccount":                    plan.StopRun,
	"IpInBlacklist":                     plan.StopRun,
	"IpNotInWhitelist":                  plan.StopRun,
	"LimitExceeded":                     plan.RegionFull,
	"MissingParameter":                  plan.WrongRequest,
	"NoSuchProduct":                     plan.WrongRequest,
	"NoSuchVersion":                     plan.WrongRequest,
	"RequestLimitExceeded":              plan.Later,
	"RequestLimitExceeded.GlobalRegionUinLimitExceeded": plan.Later,
	"RequestLimitExceeded.IPLimitExceeded":              plan.Later,
	"RequestLimitExceeded.UinLimitExceeded":             plan.Later,
	"RequestSizeLimitExceeded":                          plan.WrongRequest,
	"ResourceInUse":                                     plan.Later,
	"ResourceInsufficient":                              plan.RegionFull,
	"ResourceNotFound":                                  plan.Gone,
	"ResourceUnavailable":                               plan.Later,
	"ResponseSizeLimitExceeded":                         plan.MayHaveHappened,
	"ServiceUnavailable":                                plan.Later,
	"UnauthorizedOperation":                             plan.StopRun,
	"UnknownParameter":                                  plan.WrongRequest,
	"UnsupportedOperation":                              plan.WrongRequest,
	"UnsupportedProtocol":                               plan.WrongRequest,
	"UnsupportedRegion":                                 plan.WrongRequest,

	// Other codes of CBS, and the SDK's own.
	"ClientError":                                 plan.MayHaveHappened,
	"ClientError.HttpStatusCodeError":             plan.MayHaveHappened,
	"ClientError.IOError":                         plan.MayHaveHappened,
	"ClientError.NetworkError":                    plan.MayHaveHappened,
	"ClientError.ParseJsonError":                  plan.MayHaveHappened,
	"InvalidDisk.Busy":                            plan.Later,
	"InvalidDisk.SnapshotCreating":                plan.NotReady,
	"InvalidDiskId.NotFound":                      plan.Gone,
	"LimitExceeded.TagQuotaLimitExceeded":         plan.Later,
	"ResourceUnavailable.SnapshotCreating":        plan.NotReady,
	"ResourceUnavailable.TooManyCreatingSnapshot": plan.Later,
	"UnauthorizedOperation.MFAExpired":            plan.StopRun,
	"UnauthorizedOperation.NotCertification":      plan.StopRun,
	"UnauthorizedOperation.NotHavePaymentRight":   plan.StopRun,
	"UnauthorizedOperation.RoleNotExists":         plan.StopRun,
	"UnsupportedOperation.DiskEncrypt":            plan.NeverThis,
	"UnsupportedOperation.SnapHasShared":          plan.WrongRequest,
	"UnsupportedOperation.SnapshotHasBindedImage": plan.WrongRequest,
	"UnsupportedOperation.StateError":             plan.NotReady,

	// Codes without a row of their own.
	"":                                       plan.MayHaveHappened,
	"ClientError.TypeError":                  plan.MayHaveHappened,
	"InsufficientSomething":                  plan.RegionFull,
	"InternalError.FailQueryResource":        plan.MayHaveHappened,
	"InternalError.Some.Thing":               plan.MayHaveHappened,
	"InvalidSnapshot":                        plan.WrongRequest,
	"InvalidSomething.Else":                  plan.WrongRequest,
	"LimitExceeded.InstanceAttachedDisk":     plan.RegionFull,
	"MissingSomething":                       plan.WrongRequest,
	"NeverHeardOf.This":                      plan.MayHaveHappened,
	"NoSuchThing":                            plan.WrongRequest,
	"RequestLimitExceeded.SomethingNew":      plan.Later,
	"ResourceInsufficient.OverQuota":         plan.RegionFull,
	"ResourceNotFound.NotFound":              plan.Gone,
	"ResourceUnavailable.NotSupported":       plan.Later,
	"UnauthorizedOperation.Whatever.It.Says": plan.StopRun,
	"UnknownSomething":                       plan.WrongRequest,
	"UnsupportedOperation.DetachPod":         plan.WrongRequest,
	"UnsupportedSomething":                   plan.WrongRequest,
}

func TestEveryCodeHasAMeaning(t *testing.T) {
	for code, m := range want {
		if got := (&tencent.Error{Code: code}).Meaning(); got != m {
			t.Errorf("%s: got meaning %d, want %d", code, got, m)
		}
	}
	seen := map[string]bool{}
	for _, c := range tencent.Codes() {
		if seen[c.Code] {
			t.Errorf("%s is in the table twice", c.Code)
		}
		seen[c.Code] = true
		if strings.HasSuffix(c.Code, "*") {
			continue
		}
		m, ok := want[c.Code]
		if !ok || m != c.Meaning {
			t.Errorf("%s: the table says %d, want %d (tested: %t)", c.Code, c.Meaning, m, ok)
		}
	}
}

// Where a person can do something, the hint says it; and it is one line.
func TestHintsSayWhatToDo(t *testing.T) {
	for _, c := range tencent.Codes() {
		if strings.ContainsAny(c.Hint, "\r\n") || len(c.Hint) > 120 {
			t.Errorf("%s: the hint is not one line: %q", c.Code, c.Hint)
		}
		switch c.Meaning {
		case plan.StopRun, plan.WrongRequest, plan.RegionFull, plan.NeverThis:
			if c.Hint == "" {
				t.Errorf("%s: no hint", c.Code)
			}
		}
		if got := (&tencent.Error{Code: c.Code}).Hint(); got != c.Hint {
			t.Errorf("%s: got hint %q, want %q", c.Code, got, c.Hint)
		}
	}
}
