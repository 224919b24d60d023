// Package tencent calls Tencent Cloud. It is the only package that knows the
// vendor's SDK. It hides pages, rate limits, error codes and time formats, and
// returns the types of package cloud.
//
// What it promises:
//
//   - A list without an error is whole, even if snapshots are created and deleted
//     meanwhile, and even if the service reports wrong totals, shows empty pages, or
//     orders rows of equal creation time differently on each page. If it stays
//     incomplete, the error wraps cloud.ErrIncomplete.
//   - A copy or a deletion is repeated only if the service says that it did not
//     process the request (RequestLimitExceeded). For all other errors, Meaning
//     says whether the work may have been done.
//   - No request is sent faster than the Pacer allows, or after Options.Cutoff. A
//     write is sent only while its condition holds (cloud.While).
//   - Every error is an *Error, unless documented otherwise, and holds no
//     credential.
//   - A broken answer (a page of HTML, other JSON) is an error, never an empty
//     list.
//
// What it does not promise: it does not check ids, regions and names, because its
// callers do. It keeps no cache, and no state between invocations except
// connections and the Pacer. It does not know other processes that use the same
// account. It does not make a second copy request safe, because the API has no
// client token.
package tencent
