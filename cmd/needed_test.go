package cmd

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestNeededVerbs compares what a command line prints with the verbs that it needs with
// what it prints with all of them.
func TestNeededVerbs(t *testing.T) {
	none, all := 0, 0
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{
			"--version", "--version", "--json", "--version=true", "--version=no", "--help", "-h", "-v", "--", "--color", "never",
			"log", "streams", "cache", "info", "help", "folds", "completion", "lgo", "no-such-verb", "",
		}), 1, 4).Draw(t, "words")
		answer := func(needed []string) string {
			var out bytes.Buffer
			a := &app{IO: trial(dir, &out, &out), ctx: t.Context()}
			root := a.command(needed)
			root.SetArgs(words)
			ran, err := root.ExecuteContextC(a.ctx)
			return fmt.Sprint(ran.CommandPath(), "\n", err, "\n", out.String())
		}
		switch len((&app{IO: trial(dir, nil, nil)}).verbsFor(words)) {
		case 0:
			none++
		case len(verbs()):
			all++
		}
		if got, want := answer(words), answer(nil); got != want {
			t.Fatalf("%q prints\n%s\nwith all verbs\n%s", words, got, want)
		}
	})
	if none == 0 || all == 0 {
		t.Errorf("no verb was needed %d times, all %d times", none, all)
	}
	for _, v := range verbs() {
		if c := (&app{IO: trial(dir, nil, nil)}).verbsFor([]string{v.name, "--version"}); v.name != "completion" && (len(c) != 1 || c[0].Name() != v.name) {
			t.Errorf("%s takes %d verbs", v.name, len(c))
		}
	}
	if !slices.ContainsFunc(verbs(), func(v verb) bool { return v.name == "completion" }) {
		t.Error("there is no completion")
	}
}
