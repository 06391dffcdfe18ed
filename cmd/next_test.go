package cmd

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"asof/cmd/render"
)

// TestNextIsTheSameInJSON checks that JSON lists the commands that text suggests.
func TestNextIsTheSameInJSON(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	demoIn(t, dir, "--events", "600")
	for _, line := range []string{
		"bisect asof-demo.db cart-42 --bad 'state.total < 0'",
		"bisect asof-demo.db cart-42 --fold merge --fold 's.n=1'",
		"bisect asof-demo.db --all --bad 'state.total < 0'",
		"check asof-demo.db --bad 'below=state.total < 0' --projection cart",
		"shrink asof-demo.db cart-42 --bad 'state.total < 0'",
		"bisect asof-demo.db cart-42 --bad 'state.total < 0' --config asof.toml",
		"audit keygen --name shop --out audit.key",
		"audit export asof-demo.db --stream order-2 --key audit.key --out q1",
		"audit prove q1 order-2@3 --out one.proof",
		"audit sample q1 -n 2 --seed x",
	} {
		// The same words twice: what is written goes to another file each time.
		text, code := runHere(dir, words(line))
		if code > exitFindings {
			t.Fatalf("%s: %s", line, text)
		}
		other := strings.NewReplacer("--out audit.key", "--out other.key", "--out q1", "--out q2", "--out one.proof", "--out two.proof").Replace(line)
		out, _, code := run(t, dir, nil, append(words(other), "--json")...)
		if code > exitFindings {
			t.Fatalf("%s: exit %d", other, code)
		}
		var x struct{ Next [][]string }
		lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &x); err != nil {
			t.Fatalf("%s: %v in %s", other, err, out)
		}
		var want, got []string
		_, after, ok := strings.Cut(text, "\nnext:")
		for l := range strings.Lines(after) {
			if l = strings.TrimSpace(l); strings.HasPrefix(l, "asof ") {
				want = append(want, l)
			}
		}
		back := strings.NewReplacer("other.key", "audit.key", "q2", "q1", "two.proof", "one.proof")
		for _, args := range x.Next {
			got = append(got, back.Replace(render.CommandLine(args)))
		}
		if !ok || len(got) == 0 || !strings.Contains(line, "audit export") && !slices.Equal(got, want) {
			t.Errorf("%s: JSON has\n%s\ntext has\n%s", line, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
}
