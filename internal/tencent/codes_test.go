package tencent_test

import (
	"strings"
	"testing"

	"snapferry/internal/cloud"
	"snapferry/internal/tencent"
)

// meanings are the codes of the service, and some that it may think of, by what
// they mean for a copy: those of CopySnapshotCrossRegions, of API 3.0, of the
// rest of CBS, and the SDK's own. Where a code has no row in the table, its
// beginning decides.
var meanings = map[cloud.Meaning]string{
	cloud.AlreadyUnderWay: `ResourceInUse.CopySnapshotConflict`,
	cloud.NotReady:        `InvalidDisk.SnapshotCreating ResourceUnavailable.SnapshotCreating UnsupportedOperation.StateError`,
	cloud.Later: `InvalidDisk.Busy LimitExceeded.TagQuotaLimitExceeded RequestLimitExceeded RequestLimitExceeded.GlobalRegionUinLimitExceeded
		RequestLimitExceeded.IPLimitExceeded RequestLimitExceeded.SomethingNew RequestLimitExceeded.UinLimitExceeded ResourceBusy ResourceInUse
		ResourceUnavailable ResourceUnavailable.NotSupported ResourceUnavailable.TooManyCreatingSnapshot ServiceUnavailable TradeDealConflict`,
	cloud.NeverThis:  `InvalidSnapshot.NotSupported UnsupportedOperation.DiskEncrypt UnsupportedOperation.SnapshotNotSupportCopy`,
	cloud.Gone:       `InvalidDiskId.NotFound InvalidParameter.RoleNotExist InvalidSnapshotId.NotFound ResourceNotFound ResourceNotFound.NotFound ResourceUnavailable.RepeatRefund`,
	cloud.TokenTaken: `InvalidParameter.InvalidClientToken`,
	cloud.RegionFull: `InsufficientSnapshotQuota InsufficientSomething LimitExceeded LimitExceeded.InstanceAttachedDisk ResourceInsufficient
		ResourceInsufficient.OverQuota`,
	cloud.StopRun: `AuthFailure AuthFailure.InvalidAuthorization AuthFailure.InvalidSecretId AuthFailure.MFAFailure AuthFailure.SecretIdNotFound
		AuthFailure.SignatureExpire AuthFailure.SignatureFailure AuthFailure.TokenFailure InvalidAccount
		InvalidAccount.InsufficientBalance IpInBlacklist IpNotInWhitelist UnauthorizedOperation.MFAExpired
		UnauthorizedOperation.NotCertification UnauthorizedOperation.NotHavePaymentRight UnauthorizedOperation.RoleNotExists`,
	cloud.Denied: `AuthFailure.UnauthorizedOperation UnauthorizedOperation UnauthorizedOperation.Whatever.It.Says`,
	cloud.WrongRequest: `ActionOffline DryRunOperation InvalidAction InvalidFilter InvalidParameter InvalidParameterValue InvalidRequest InvalidSnapshot
		InvalidSomething.Else MissingParameter MissingSomething NoSuchProduct NoSuchThing NoSuchVersion RequestSizeLimitExceeded UnknownParameter
		UnknownSomething UnsupportedOperation UnsupportedOperation.DetachPod UnsupportedOperation.SnapHasShared
		UnsupportedOperation.SnapshotHasBindedImage UnsupportedProtocol UnsupportedSomething LimitExceeded.TagValue
		LimitExceeded.ResourceAttachedTags`,
	cloud.NoSuchRegion: `UnsupportedRegion UnsupportedRegion.Something`,
	cloud.MayHaveHappened: `ClientError ClientError.HttpStatusCodeError ClientError.IOError ClientError.NetworkError ClientError.ParseJsonError ClientError.TypeError
		FailedOperation InternalError InternalError.ComponentError InternalError.FailQueryResource InternalError.Some.Thing NeverHeardOf.This
		ResponseSizeLimitExceeded`,
}

func TestEveryCodeHasAMeaning(t *testing.T) {
	want := map[string]cloud.Meaning{"": cloud.MayHaveHappened}
	for m, codes := range meanings {
		for _, code := range strings.Fields(codes) {
			want[code] = m
		}
	}
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
		case cloud.StopRun, cloud.Denied, cloud.WrongRequest, cloud.NoSuchRegion, cloud.RegionFull, cloud.NeverThis:
			if c.Hint == "" {
				t.Errorf("%s: no hint", c.Code)
			}
		}
		if got := (&tencent.Error{Code: c.Code}).Hint(); got != c.Hint {
			t.Errorf("%s: got hint %q, want %q", c.Code, got, c.Hint)
		}
	}
}
