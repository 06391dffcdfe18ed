package cmd

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// TestNeededVerbs compares what a command line prints with the verbs that it needs with
// what it prints with all of them; and of one that asks for the version, what the whole
// program prints, which needs none.
func TestNeededVerbs(t *testing.T) {
	one, version := 0, 0
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
			root.SetVersionTemplate(versionText(wantsJSON(words)))
			root.SetArgs(words)
			ran, err := root.ExecuteContextC(a.ctx)
			return fmt.Sprint(ran.CommandPath(), "\n", err, "\n", out.String())
		}
		want := answer(nil)
		if len((&app{IO: trial(dir, nil, nil)}).verbsFor(words)) == 1 {
			one++
		}
		if got := answer(words); got != want {
			t.Fatalf("%q prints\n%s\nwith all verbs\n%s", words, got, want)
		}
		if asksVersion(words) {
			version++
			var out, errs bytes.Buffer
			code := Run(t.Context(), words, trial(dir, &out, &errs))
			if got := fmt.Sprint("asof\n<nil>\n", out.String()); got != want || code != exitOK || errs.Len() > 0 {
				t.Fatalf("%q ends with %d and prints\n%s%s\nwant\n%s", words, code, got, errs.String(), want)
			}
		}
	})
	if one == 0 || version == 0 {
		t.Errorf("one verb was needed %d times, the version was asked for %d times", one, version)
	}
	for _, v := range verbs() {
		if c := (&app{IO: trial(dir, nil, nil)}).verbsFor([]string{v.name, "--version"}); v.name != "completion" && (len(c) != 1 || c[0].Name() != v.name) {
			t.Errorf("%s takes %d verbs", v.name, len(c))
		}
	}
}
