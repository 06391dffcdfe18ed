// Package remote has what the engines on a network share: the tables of a schema, how long
// to wait for a server, and how to tell its errors.
package remote
