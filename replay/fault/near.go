package fault

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxNear bounds, in bytes, the names that are compared: the cost is quadratic in the
// length, and nobody types longer names by hand.
const maxNear = 256

// Near returns at most limit of the names in from that are similar to want, nearest
// first and without duplicates. Names that differ by a few typing slips (a wrong,
// missing or extra letter, or two swapped; case is ignored) come first, then those
// that contain want. Where names differ from want only in case, blanks and punctuation,
// there are no others.
func Near(want string, from []string, limit int) []string {
	type candidate struct {
		name string
		far  int
	}
	if len(want) > maxNear || want == "" {
		return nil
	}
	w, bare := []rune(strings.ToLower(want)), lettersOf(want)
	slips := max(1, len(w)/3)
	const same = -1 // how far a name with the same letters is
	var found []candidate
	for _, name := range from {
		if name == "" || len(name) > maxNear {
			continue
		}
		lower := strings.ToLower(name)
		far := slips + 1
		if bare != "" && lettersOf(name) == bare {
			far = same
		} else if diff := utf8.RuneCountInString(lower) - len(w); diff <= slips && -diff <= slips {
			far = slipsBetween(w, []rune(lower), slips)
		}
		if far > slips && (len(w) < 3 || !strings.Contains(lower, string(w))) {
			continue
		}
		found = append(found, candidate{name, far})
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.far, b.far), cmp.Compare(a.name, b.name))
	})
	found = slices.Compact(found)
	if n := slices.IndexFunc(found, func(c candidate) bool { return c.far != same }); n > 0 {
		found = found[:n]
	}
	var near []string
	for _, c := range found[:min(max(limit, 0), len(found))] {
		near = append(near, c.name)
	}
	return near
}

// lettersOf returns the letters and digits of a name, in lower case.
func lettersOf(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// slipsBetween returns the number of slips between a and b (the optimal string
// alignment distance), or limit+1 if it is greater than limit.
func slipsBetween(a, b []rune, limit int) int {
	before := make([]int, len(b)+1) // the row before the last
	last := make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	lastLeast := 0
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := row[0]
		for j := 1; j <= len(b); j++ {
			same := 1
			if a[i-1] == b[j-1] {
				same = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+same)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		// A swap reaches back two rows, so both must be out of reach.
		if least > limit && lastLeast > limit {
			return limit + 1
		}
		lastLeast = least
		before, last, row = last, row, before
	}
	return min(last[len(b)], limit+1)
}
