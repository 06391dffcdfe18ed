package js

import (
	"fmt"
	"strings"
	"testing"

	"asof/replay/state"
)

// TestArrayChanges has both engines say of each way to change an array what was
// done, whatever values are equal.
func TestArrayChanges(t *testing.T) {
	tests := []struct{ start, edit, want string }{
		{`[1,2,1]`, `s.a[0] = 2; s.a[1] = 1`, `~0 1 2, ~1 2 1`},
		{`[1,2,1]`, `[s.a[0], s.a[1]] = [s.a[1], s.a[0]]`, `~0 1 2, ~1 2 1`},
		{`[1,2,1]`, `s.a[1] = 1; s.a[1] = 2`, ``},
		{`[1,2]`, `s.a[2] = 1`, `+2 1`},
		{`[1,1,1]`, `s.a.push(1)`, `+3 1`},
		{`[1,1,1]`, `s.a.unshift(1, 1)`, `+0 1, +1 1`},
		{`[1,1,1]`, `s.a.pop()`, `-2 1`},
		{`[1,1,1]`, `s.a.pop(); s.a.push(1)`, ``},
		{`[1,1,1]`, `s.a.shift()`, `-0 1`},
		{`[1,1,1]`, `s.a.push(s.a.shift())`, `-0 1, +2 1`},
		{`[1,1,1]`, `s.a.splice(1, 1)`, `-1 1`},
		{`[1,2,3,4]`, `s.a.splice(1, 2, 3, 2)`, `~1 2 3, ~2 3 2`},
		{`[1,2,3,4]`, `s.a.splice(0, 1, 1, 1); s.a.splice(4, 0, 4)`, `+1 1, +4 4`},
		{`[1,1,1]`, `s.a.length = 1`, `-1 1, -1 1`},
		{`[3,1,2]`, `s.a.sort()`, `-0 3, +2 3`},
		{`[3,1,2]`, `s.a.sort((x, y) => x - y)`, `-0 3, +2 3`},
		{`[1,2,5]`, `s.a.push(3); s.a.sort((x, y) => x - y)`, `+2 3`},
		{`[3,2,1]`, `s.a.push(4); s.a.sort().reverse()`, `+0 4`},
		{`[1,2,3]`, `s.a.reverse().reverse()`, ``},
		{`[1,1,2]`, `s.a.fill(1)`, `~2 2 1`},
		{`[1,2,1,2]`, `s.a.copyWithin(0, 1)`, `~0 1 2, ~1 2 1, ~2 1 2`},
		{`[1,1,1,1]`, `Array.prototype.splice.apply(s.a, [1, 0, 1])`, `+1 1`},
		{`[2,1]`, `Array.prototype.sort.call(s.a, (x, y) => x - y)`, `+0 1, -2 1`},
		{`[1,2,2,3]`, `s.a = [2, 2, 3, 4]`, `-0 1, +3 4`},
		{`[1,2,2,3]`, `s.a = s.a.filter(x => x !== 1)`, `-0 1`},
		{`[1,2,2,3]`, `s.a.length = 0; s.a.push(2, 2, 3)`, `-0 1`},
		{`[1,2,2,3]`, `s.a.splice(0, 4, 2, 2, 3)`, `-0 1`},
	}
	for _, tt := range tests {
		src := fmt.Sprintf(`fromAll().when({$init: () => ({a: %s}), E(s, e) { %s }})`, tt.start, tt.edit)
		w := newTwins(t, src, Load)
		before := w.fastState.Freeze()
		if w.q == nil || !w.q.Apply(w.fastState, ev(1, "E", `{}`)) {
			mustApply(t, w.fast, w.fastState)
		}
		mustApply(t, w.slow, w.slowState)
		for i, st := range []*state.State{w.fastState, w.slowState} {
			changes, err := st.Commit(true)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range changes {
				vals := strings.TrimSuffix(strings.TrimPrefix(text(c.From)+" "+text(c.To), "null "), " null")
				got = append(got, map[state.Op]string{"add": "+", "remove": "-", "replace": "~"}[c.Op]+strings.TrimPrefix(c.Path, "/a/")+" "+vals)
			}
			if strings.Join(got, ", ") != tt.want {
				t.Errorf("engine %d, %s, %s: %v, want %s", i, tt.start, tt.edit, got, tt.want)
			}
			if after, err := state.Apply(before, changes); err != nil || !state.Equal(after, st.Root()) {
				t.Errorf("engine %d, %s, %s: becomes %s, not %s: %v", i, tt.start, tt.edit, text(after), text(st.Root()), err)
			}
		}
	}
}

func mustApply(t *testing.T, s *Script, st *state.State) {
	t.Helper()
	if _, err := s.Apply(t.Context(), st, ev(1, "E", `{}`)); err != nil {
		t.Fatal(err)
	}
}
