// Package bisect finds the first event after which a good state became bad.
//
// There are three ways to search. [Run] folds once and tests the state after every
// event, which is exact. Between kept states it leaves out the events that touch nothing
// that the test reads: their states have the result that is known. [Folds] compares the states of two folds. A [Session]
// tests one state at a time, chosen by a [Search], for tests that are slow or that
// a person answers.
package bisect
