package cmd

import (
	"encoding/json"
	"os"
	"strings"

	"asof/replay/place"
)

// hiddenArgs is the variable that hands the command line to a process whose own
// arguments hold no password. Only the same user can read it.
const hiddenArgs = "ASOF_HIDDEN_ARGS"

// ownArgs returns the arguments of the process. Where they hold a password, which
// everybody on the machine can see (ps), the process is started again without it.
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

// hideArgs returns the arguments as everybody may see them and, where they hold a
// password, the variable of the environment that hands them over whole.
func hideArgs(args []string) (shown []string, env string) {
	shown = make([]string, len(args))
	hides := false
	for i, arg := range args {
		flag, at := location(arg)
		shown[i] = flag + at.String()
		hides = hides || at.HasSecrets()
	}
	if given, err := json.Marshal(args); hides && err == nil {
		env = hiddenArgs + "=" + string(given)
	}
	return shown, env
}

// location splits a word of a command line into a flag with its =, and what may
// be a location.
func location(arg string) (flag string, at place.Location) {
	if word, ok := strings.CutPrefix(arg, "--"); ok { // a slip of the keyboard
		if at := place.Parse(word); at.HasSecrets() {
			return "--", at
		}
	}
	if name, value, ok := strings.Cut(arg, "="); ok && strings.HasPrefix(name, "--") {
		return name + "=", place.Parse(value)
	}
	return "", place.Parse(arg)
}

// keepSecrets takes the passwords out of the connection strings among the words of
// a command line, so that no verb knows one: only the workspace asks for it.
func (a *app) keepSecrets(args []string) ([]string, error) {
	out := make([]string, len(args))
	a.places = map[string]place.Location{}
	for i, arg := range args {
		flag, at := location(arg)
		out[i] = arg
		if !at.HasSecrets() {
			a.secrets = append(a.secrets, place.Within(arg)...)
			continue
		}
		a.hide(at)
		out[i] = flag + at.String()
		if other, ok := a.places[at.String()]; ok && other.Reveal() != at.Reveal() {
			return nil, usagef("name one of them in asof.toml, or leave the password to PGPASSWORD",
				"two connection strings differ only in what is not shown: %s", at)
		}
		a.places[at.String()] = at
	}
	return out, nil
}

// hide notes a location of the command line whose secrets no message may repeat.
func (a *app) hide(at place.Location) {
	if at.HasSecrets() {
		a.hidden = append(a.hidden, at)
	}
}

// discreet takes the secrets of all locations that the run knows out of a text,
// which may quote any word.
func (a *app) discreet(text string) string {
	for _, at := range a.hidden {
		text = at.Scrub(text)
	}
	if a.space != nil {
		text = a.space.Scrub(text)
	}
	return place.Scrub(text, a.secrets)
}
