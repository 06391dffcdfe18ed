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

// keepSecrets takes the passwords out of the connection strings among the words of
// a command line, so that no verb knows one: only [app.withSecrets] does.
func (a *app) keepSecrets(args []string) []string {
	out := make([]string, len(args))
	a.dsns = map[string]string{}
	for i, arg := range args {
		flag, dsn := "", arg
		if name, value, ok := strings.Cut(arg, "="); ok && strings.HasPrefix(name, "--") {
			flag, dsn = name+"=", value
		}
		shown := store.WithoutSecrets(dsn)
		if shown != dsn {
			a.dsns[shown] = dsn
		}
		out[i] = flag + shown
	}
	return out
}

// withSecrets is a connection string as it was given.
func (a *app) withSecrets(shown string) string {
	if dsn, ok := a.dsns[shown]; ok {
		return dsn
	}
	return shown
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
