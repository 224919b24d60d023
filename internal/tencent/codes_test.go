package tencent_test

import (
	"strings"
	"testing"

	"snapferry/internal/cloud"
	"snapferry/internal/tencent"
)

// want is what codes mean for a copy. Where a code has no row in the table,
// its beginning decides.
var want = map[string]cloud.Meaning{
	// The page of CopySnapshotCrossRegions.
	"InsufficientSnapshotQuota":                   cloud.RegionFull,
	"InternalError.ComponentError":                cloud.MayHaveHappened,
	"InvalidAccount.InsufficientBalance":          cloud.StopRun,
	"InvalidParameterValue":                       cloud.WrongRequest,
	"InvalidSnapshot.NotSupported":                cloud.NeverThis,
	"InvalidSnapshotId.NotFound":                  cloud.Gone,
	"ResourceBusy":                                cloud.Later,
	"ResourceInUse.CopySnapshotConflict":          cloud.AlreadyUnderWay,
	"UnsupportedOperation.SnapshotNotSupportCopy": cloud.NeverThis,

	// The common codes of API 3.0.
	"ActionOffline":                     cloud.WrongRequest,
	"AuthFailure":                       cloud.StopRun,
	"AuthFailure.InvalidAuthorization":  cloud.StopRun,
	"AuthFailure.InvalidSecretId":       cloud.StopRun,
	"AuthFailure.MFAFailure":            cloud.StopRun,
	"AuthFailure.SecretIdNotFound":      cloud.StopRun,
	"AuthFailure.SignatureExpire":       cloud.StopRun,
	"AuthFailure.SignatureFailure":      cloud.StopRun,
	"AuthFailure.TokenFailure":          cloud.StopRun,
	"AuthFailure.UnauthorizedOperation": cloud.StopRun,
	"DryRunOperation":                   cloud.WrongRequest,
	"FailedOperation":                   cloud.MayHaveHappened,
	"InternalError":                     cloud.MayHaveHappened,
	"InvalidAction":                     cloud.WrongRequest,
	"InvalidFilter":                     cloud.WrongRequest,
	"InvalidParameter":                  cloud.WrongRequest,
	"InvalidRequest":                    cloud.WrongRequest,
	"InvalidAccount":                    cloud.StopRun,
	"IpInBlacklist":                     cloud.StopRun,
	"IpNotInWhitelist":                  cloud.StopRun,
	"LimitExceeded":                     cloud.RegionFull,
	"MissingParameter":                  cloud.WrongRequest,
	"NoSuchProduct":                     cloud.WrongRequest,
	"NoSuchVersion":                     cloud.WrongRequest,
	"RequestLimitExceeded":              cloud.Later,
	"RequestLimitExceeded.GlobalRegionUinLimitExceeded": cloud.Later,
	"RequestLimitExceeded.IPLimitExceeded":              cloud.Later,
	"RequestLimitExceeded.UinLimitExceeded":             cloud.Later,
	"RequestSizeLimitExceeded":                          cloud.WrongRequest,
	"ResourceInUse":                                     cloud.Later,
	"ResourceInsufficient":                              cloud.RegionFull,
	"ResourceNotFound":                                  cloud.Gone,
	"ResourceUnavailable":                               cloud.Later,
	"ResponseSizeLimitExceeded":                         cloud.MayHaveHappened,
	"ServiceUnavailable":                                cloud.Later,
	"UnauthorizedOperation":                             cloud.StopRun,
	"UnknownParameter":                                  cloud.WrongRequest,
	"UnsupportedOperation":                              cloud.WrongRequest,
	"UnsupportedProtocol":                               cloud.WrongRequest,
	"UnsupportedRegion":                                 cloud.WrongRequest,

	// Other codes of CBS, and the SDK's own.
	"ClientError":                                 cloud.MayHaveHappened,
	"ClientError.HttpStatusCodeError":             cloud.MayHaveHappened,
	"ClientError.IOError":                         cloud.MayHaveHappened,
	"ClientError.NetworkError":                    cloud.MayHaveHappened,
	"ClientError.ParseJsonError":                  cloud.MayHaveHappened,
	"InvalidDisk.Busy":                            cloud.Later,
	"InvalidDisk.SnapshotCreating":                cloud.NotReady,
	"InvalidDiskId.NotFound":                      cloud.Gone,
	"LimitExceeded.TagQuotaLimitExceeded":         cloud.Later,
	"ResourceUnavailable.SnapshotCreating":        cloud.NotReady,
	"ResourceUnavailable.TooManyCreatingSnapshot": cloud.Later,
	"UnauthorizedOperation.MFAExpired":            cloud.StopRun,
	"UnauthorizedOperation.NotCertification":      cloud.StopRun,
	"UnauthorizedOperation.NotHavePaymentRight":   cloud.StopRun,
	"UnauthorizedOperation.RoleNotExists":         cloud.StopRun,
	"UnsupportedOperation.DiskEncrypt":            cloud.NeverThis,
	"UnsupportedOperation.SnapHasShared":          cloud.WrongRequest,
	"UnsupportedOperation.SnapshotHasBindedImage": cloud.WrongRequest,
	"UnsupportedOperation.StateError":             cloud.NotReady,

	// Codes without a row of their own.
	"":                                       cloud.MayHaveHappened,
	"ClientError.TypeError":                  cloud.MayHaveHappened,
	"InsufficientSomething":                  cloud.RegionFull,
	"InternalError.FailQueryResource":        cloud.MayHaveHappened,
	"InternalError.Some.Thing":               cloud.MayHaveHappened,
	"InvalidSnapshot":                        cloud.WrongRequest,
	"InvalidSomething.Else":                  cloud.WrongRequest,
	"LimitExceeded.InstanceAttachedDisk":     cloud.RegionFull,
	"MissingSomething":                       cloud.WrongRequest,
	"NeverHeardOf.This":                      cloud.MayHaveHappened,
	"NoSuchThing":                            cloud.WrongRequest,
	"RequestLimitExceeded.SomethingNew":      cloud.Later,
	"ResourceInsufficient.OverQuota":         cloud.RegionFull,
	"ResourceNotFound.NotFound":              cloud.Gone,
	"ResourceUnavailable.NotSupported":       cloud.Later,
	"UnauthorizedOperation.Whatever.It.Says": cloud.StopRun,
	"UnknownSomething":                       cloud.WrongRequest,
	"UnsupportedOperation.DetachPod":         cloud.WrongRequest,
	"UnsupportedSomething":                   cloud.WrongRequest,
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
		case cloud.StopRun, cloud.WrongRequest, cloud.RegionFull, cloud.NeverThis:
			if c.Hint == "" {
				t.Errorf("%s: no hint", c.Code)
			}
		}
		if got := (&tencent.Error{Code: c.Code}).Hint(); got != c.Hint {
			t.Errorf("%s: got hint %q, want %q", c.Code, got, c.Hint)
		}
	}
}
