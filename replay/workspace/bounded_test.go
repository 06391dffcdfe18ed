package workspace_test

import (
	"fmt"
	"strings"
	"testing"

	"asof/replay/workspace"
)

// TestQuestionsDoNotPileUp asks many questions about different files: each lists its own
// inputs, and the workspace keeps none.
func TestQuestionsDoNotPileUp(t *testing.T) {
	w, dir, _ := newWorkspace(t)
	for i := range 3 {
		name := fmt.Sprintf("script%d.js", i)
		write(t, dir, name, "(s) => s")
		q := w.Begin(nil)
		if _, err := q.ReadScript(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		if in := q.Inputs(); len(in) != 1 || !strings.HasSuffix(in[0].Path, name) {
			t.Errorf("question %d reads %v", i, in)
		}
	}
	if in := w.Inputs(); len(in) != 0 {
		t.Errorf("the workspace keeps %v", in)
	}
}

// TestSecretsStayHidden asks about many stores with passwords. A question hides all of
// its own; the workspace hides those of the latest questions.
func TestSecretsStayHidden(t *testing.T) {
	w, _, _ := newWorkspace(t)
	q := w.Begin(nil)
	const many = 300
	for i := range many {
		ref := workspace.StoreRef{Store: fmt.Sprintf("postgres://u:secret-%03d@127.0.0.1:1/db?connect_timeout=1", i)}
		if _, err := q.Store(t.Context(), ref); err == nil || strings.Contains(q.Scrub(err.Error()), "secret-") {
			t.Fatalf("the error is %v", err)
		}
	}
	for i, want := range map[int]string{0: "secret-000", many - 1: "…"} {
		text := fmt.Sprintf("secret-%03d", i)
		if got := q.Scrub(text); got != "…" {
			t.Errorf("the question shows %s", got)
		}
		if got := w.Scrub(text); got != want {
			t.Errorf("the workspace shows %s, want %s", got, want)
		}
	}
}
