package state

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// checkCommon fails unless pairs is a common subsequence of a and b.
func checkCommon(t rapid.TB, a, b []int32, pairs [][2]int) {
	t.Helper()
	last := [2]int{-1, -1}
	for _, p := range pairs {
		if p[0] <= last[0] || p[1] <= last[1] || p[0] >= len(a) || p[1] >= len(b) || a[p[0]] != b[p[1]] {
			t.Fatalf("%v after %v is no step of a common subsequence", p, last)
		}
		last = p
	}
}

// lcsLength is the textbook's table.
func lcsLength(a, b []int32) int {
	row := make([]int, len(b)+1)
	for i := range a {
		diagonal := 0
		for j := range b {
			above := row[j+1]
			if a[i] == b[j] {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(row[j+1], row[j])
			}
			diagonal = above
		}
	}
	return row[len(b)]
}

func TestMatchLCS(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.SliceOfN(rapid.Int32Range(0, int32(rapid.IntRange(0, 12).Draw(t, "letters"))), 0, 40)
		a, b := some.Draw(t, "a"), some.Draw(t, "b")
		pairs := matchLCS(a, b)
		checkCommon(t, a, b, pairs)
		if want := lcsLength(a, b); len(pairs) != want {
			t.Fatalf("%v and %v: %d in common, want %d", a, b, len(pairs), want)
		}
		if again := matchLCS(a, b); !slices.Equal(pairs, again) {
			t.Fatalf("%v and %v: first %v, then %v", a, b, pairs, again)
		}
	})
}

// Without steps to search in, what is matched is still a common subsequence,
// and something is where there is something.
func TestMatchLCSBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.SliceOfN(rapid.Int32Range(0, 60), 0, 80)
		a, b := some.Draw(t, "a"), some.Draw(t, "b")
		m := matcher{a: a, b: b}
		m.between(0, len(a), 0, len(b), -1<<40)
		checkCommon(t, a, b, m.out)
		if len(m.out) == 0 && lcsLength(a, b) > 0 {
			t.Fatalf("%v and %v: no common element", a, b)
		}
	})
}

func TestMatchLCSLarge(t *testing.T) {
	const n = 200_000
	r := rand.New(rand.NewPCG(1, 2))
	count := func(f func(i int) int32) []int32 {
		s := make([]int32, n)
		for i := range s {
			s[i] = f(i)
		}
		return s
	}
	up := count(func(i int) int32 { return int32(i) })
	down := slices.Clone(up)
	slices.Reverse(down)
	shuffled := slices.Clone(up)
	r.Shuffle(n, func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	noise := func() []int32 { return count(func(int) int32 { return r.Int32N(3) }) }
	moved := slices.Concat(up[n/2:], up[:n/2])
	edited := slices.Insert(slices.Delete(slices.Clone(up), 1000, 1010), 5000, 7, 8, 9)
	tests := []struct {
		name  string
		a, b  []int32
		least int
	}{
		{"equal", up, slices.Clone(up), n},
		{"few edits", up, edited, n - 10},
		{"reversed", up, down, 1},
		{"shuffled", up, shuffled, 500}, // about 2√n is there
		{"halves swapped", up, moved, n / 2},
		{"nothing in common", up, count(func(i int) int32 { return int32(n + i) }), 0},
		{"noise of few values", noise(), noise(), n / 4},
		{"two against many", []int32{1, 0}, noise(), 2},
		{"ones against twos and ones", count(func(int) int32 { return 1 }), count(func(i int) int32 { return int32(1 + i%2) }), n / 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pairs := matchLCS(tt.a, tt.b)
			checkCommon(t, tt.a, tt.b, pairs)
			if len(pairs) < tt.least {
				t.Errorf("%d in common, want %d", len(pairs), tt.least)
			}
		})
	}
}
