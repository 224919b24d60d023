// Package sim imitates the part of Tencent Cloud's API 3.0 that snapshots live
// in: cbs 2017-03-12, rules and targets of eb 2021-04-16, TagResources of tag
// 2018-08-13, GetCallerIdentity of sts 2018-08-13, DescribeRegions of region
// 2022-06-27, and what tells of deployed functions: GetFunction and ListTriggers of
// scf 2018-04-16, roles and their policies of cam 2019-01-16, alarm policies of monitor
// 2018-07-24. The vendor's SDK, or any other client that signs with
// TC3-HMAC-SHA256, talks to it over HTTP or, without a socket, through Transport.
//
// What it promises:
//
//   - It keeps state and is strict. Copies and creations take time, pages are
//     short by default, and Seed fixes the order of ids. Signatures, parameters,
//     quotas and rates are checked, and refused with the service's own codes.
//   - It complains. [Cloud.Complaints] has what a correct client never does, also
//     where the service would accept it.
//   - It breaks on demand. Options.Inject spoils requests and what lists tell, and
//     Options.Fate copies. A comment marks with UNK each point on which the real service
//     is unknown; Options.Quirks has a switch for its other possible answer.
//     SetInject, SetFate and SetQuirks change all that in the middle of a world, and
//     AddKey the permissions of a key.
//   - It has no goroutine and no timer of its own. A state that changes with time
//     is computed from Options.Now when it is read, so it runs inside testing/synctest.
//   - It costs a program that makes no Cloud nothing: no variable of the package is
//     computed at the start.
//
// What it does not imitate: prices, contents of disks, incremental sizes,
// instances, images beyond their number, policies, getting things back out of a recycle bin,
// EventBridge's quotas, repeats and delays, permissions per resource, more than one main
// account, GET requests and form bodies. It knows nothing of the program under
// test and imports none of its packages.
package sim
