package contrast

import (
	"slices"
	"sort"
	"time"
)

// A Release is a version of an application that went live.
type Release struct {
	At   time.Time
	Name string
}

// Releases are in order of time. Each is live until the next.
type Releases []Release

// NewReleases sorts releases.
func NewReleases(all []Release) Releases {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b Release) int { return a.At.Compare(b.At) })
	return all
}

// live returns the index of the release that was live at a time, or -1.
func (r Releases) live(at time.Time) int {
	if at.IsZero() {
		return -1
	}
	return sort.Search(len(r), func(i int) bool { return r[i].At.After(at) }) - 1
}
