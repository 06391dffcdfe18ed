// Package source holds what every kind of store shares before a byte of it is read
// as events: the options to open one, the fields that a mapping names, what a file
// is by its first bytes, how its content is identified, and the error of a store
// that no dialect fits.
package source
