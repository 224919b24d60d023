// Package sim imitates the part of Tencent Cloud's API 3.0 that snapshots live
// in: cbs 2017-03-12, rules and targets of eb 2021-04-16, TagResources of tag
// 2018-08-13, GetCallerIdentity of sts 2018-08-13 and DescribeRegions of region
// 2022-06-27. The vendor's SDK, or any other client that signs with
// TC3-HMAC-SHA256, talks to it over HTTP or, without a socket, through Transport.
//
// What it promises:
//
//   - It keeps state and is strict. Copies and creations take time, pages are
//     short by default, ids come in an order that Seed fixes; signatures,
//     parameters, quotas and rates are checked, and refused with the service's
//     own codes.
//   - It complains. What a correct client never does is recorded, see
//     [Cloud.Complaints], also where the service would let it pass.
//   - It breaks on demand. Options.Inject spoils single requests, Options.Fate
//     single copies, and Options.Quirks turns every point on which nobody knows
//     the real service (marked UNK) to its other possible answer.
//   - It has no goroutine and no timer of its own. Everything that passes with
//     time is worked out from Options.Now when it is looked at, so it runs
//     inside testing/synctest.
//
// What it does not promise: prices, contents of disks, incremental sizes,
// instances, images beyond their number, policies, recycle bins, events on their
// way to a target, EventBridge's quotas, permissions per resource, more than one main account, GET requests and form bodies. It
// knows nothing of the program under test and imports none of its packages.
package sim
