package cmd

import (
	"encoding/json"
	"os"
	"strings"

	"asof/replay/place"
)

// hiddenArgs names the environment variable that passes the command line to a process
// started without passwords in its arguments. Only the same user can read it.
const hiddenArgs = "ASOF_HIDDEN_ARGS"

// ownArgs returns the arguments of the process. If they contain a password, which
// every user of the machine can see with ps, it restarts the process without them.
func ownArgs(args []string, env func(string) string) []string {
	if given := env(hiddenArgs); given != "" {
		var own []string
		if os.Unsetenv(hiddenArgs) == nil && json.Unmarshal([]byte(given), &own) == nil {
			return own
		}
		return args
	}
	if shown, hidden := hideArgs(args); hidden != "" {
		runAgain(shown, hidden)
	}
	return args
}

// hideArgs returns the arguments without passwords. If there were any, env is the
// NAME=VALUE that passes the full arguments in the environment.
func hideArgs(args []string) (shown []string, env string) {
	shown = make([]string, len(args))
	anyHidden := false
	for i, arg := range args {
		flag, at := location(arg)
		shown[i] = flag + at.String()
		anyHidden = anyHidden || at.HasSecrets()
	}
	if !anyHidden {
		return shown, ""
	}
	if given, err := json.Marshal(args); err == nil {
		env = hiddenArgs + "=" + string(given)
	}
	return shown, env
}

// location splits a command-line argument into a prefix such as "--key-file=" and a
// possible location.
func location(arg string) (flag string, at place.Location) {
	if word, ok := strings.CutPrefix(arg, "--"); ok { // a mistyped --DSN
		if at := place.Parse(word); at.HasSecrets() {
			return "--", at
		}
	}
	if name, value, ok := strings.Cut(arg, "="); ok && strings.HasPrefix(name, "--") {
		return name + "=", place.Parse(value)
	}
	return "", place.Parse(arg)
}

// keepSecrets returns the arguments with passwords removed from connection strings. It
// keeps the full locations for the workspace, which alone needs them.
func (a *app) keepSecrets(args []string) ([]string, error) {
	out := make([]string, len(args))
	a.places = map[string]place.Location{}
	for i, arg := range args {
		flag, at := location(arg)
		out[i] = arg
		if !at.HasSecrets() {
			if !at.IsDSN() { // one whose parts are known has none
				a.secrets = append(a.secrets, place.Within(arg)...)
			}
			continue
		}
		a.hide(at)
		out[i] = flag + at.String()
		if other, ok := a.places[at.String()]; ok && other.Reveal() != at.Reveal() {
			return nil, usagef("name one of them in asof.toml, or leave the password to PGPASSWORD or MYSQL_PWD",
				"two connection strings differ only in their secrets: %s", at)
		}
		a.places[at.String()] = at
	}
	return out, nil
}

// hide registers a location whose secrets no message may contain.
func (a *app) hide(at place.Location) {
	if at.HasSecrets() {
		a.hidden = append(a.hidden, at)
	}
}

// scrub returns text without the secrets of any location that the run knows. The text
// may quote any argument.
func (a *app) scrub(text string) string {
	for _, at := range a.hidden {
		text = at.Scrub(text)
	}
	if a.space != nil {
		text = a.space.Scrub(text)
	}
	return place.Scrub(text, a.secrets)
}
