// Package tencent speaks to Tencent Cloud: it is the only package that knows
// the vendor's SDK. Pages, rates, error codes, times and results by region
// stop here; what comes out is package cloud's vocabulary.
//
// What it promises:
//
//   - A list that ends without an error is whole, also while snapshots come and go.
//   - A copy or a deletion is sent again only after an answer that says the
//     service did not look at it (RequestLimitExceeded). Everything else that
//     fails says, by its Meaning, whether it may have happened all the same.
//   - Nothing is sent faster than the Pacer allows, or after Options.Cutoff. A
//     write is sent only while what it relies on holds (cloud.While).
//   - Every error is an *Error, unless said otherwise, and holds no credential.
//   - An answer that is no answer (a page of HTML, JSON of something else) is
//     an error, never an empty list.
//
// What it does not promise: it does not check ids, regions and names, which
// its callers have checked; it keeps no cache and no state between
// invocations but connections and pace; it does not know other processes that
// use the same account; it makes no copy safe to ask for twice, since the API
// has no client token.
package tencent
