// Package redis is the target of read models in Redis or Valkey.
//
// A read model is two hashes and a text, under a prefix such as cart: — cart:states has a
// field for each stream, whose value is its row as JSON, cart:streams says how far each
// stream was, and cart:checkpoint what all of them are. Numbers have the digits that the
// state has.
//
// The next content is written to other keys, counted, and renamed in one transaction:
// a reader of cart:states sees all of the old rows or all of the new ones. The keys of a
// run that is killed expire.
package redis
