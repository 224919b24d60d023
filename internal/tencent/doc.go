// Package tencent speaks to Tencent Cloud: it is the only package that knows
// the vendor's SDK. Pages, rates, error codes, times and results by region
// stop here; what comes out are the planner's types.
//
// What it promises:
//
//   - A list is whole or an error, also while snapshots come and go.
//   - A copy or a deletion is sent again only after an answer that says the
//     service did not look at it (RequestLimitExceeded). Everything else that
//     fails says, by its Meaning, whether it may have happened all the same.
//   - Nothing is sent faster than the Pacer allows, after Options.Cutoff, or
//     on a look that has become too old (CopyRequest.NotAfter).
//   - Every error is an *Error, unless said otherwise, and holds no credential.
//   - An answer that is no answer (a page of HTML, JSON of something else) is
//     an error, never an empty list.
//
// What it does not promise: it does not look at ids, regions and names, which
// its callers have checked; it keeps no cache and no state between
// invocations but connections and pace; it does not know other processes that
// use the same account; it makes no copy safe to ask for twice, since the API
// has no client token.
package tencent
