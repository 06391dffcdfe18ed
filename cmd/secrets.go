package cmd

import (
	"strings"
	"unsafe"

	"asof/replay/store"
)

// ownArgs takes over the arguments that the system gave the process, and blanks
// the passwords of connection strings where they were: others can look there (ps).
// The arguments must not be a program's constants, which can't be written to.
func ownArgs(args []string) []string {
	own := make([]string, len(args))
	for i, a := range args {
		own[i] = strings.Clone(a)
		for _, r := range store.SecretsIn(a) {
			if r[0] == r[1] {
				continue
			}
			blank := unsafe.Slice(unsafe.StringData(a[r[0]:r[1]]), r[1]-r[0])
			for j := range blank {
				blank[j] = '*'
			}
		}
	}
	return own
}

// discreet takes the passwords of the command line out of an error, which may
// quote any of its words.
func (a *app) discreet(text string) string {
	const least = 3 // a shorter one would take ordinary words apart
	for _, arg := range a.args {
		for _, r := range store.SecretsIn(arg) {
			if secret := arg[r[0]:r[1]]; len(secret) >= least {
				text = strings.ReplaceAll(text, secret, "…")
			}
		}
	}
	return text
}
