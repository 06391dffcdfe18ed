package source

import (
	"slices"
	"sync"
)

// The bounds of what an Indexes keeps.
const (
	MostIndexes    = 4
	MostIndexBytes = 256 << 20
)

// An Indexes keeps the indexes of files between the questions of one process, so that a
// question about an unchanged file does not read the whole file again. It drops what was
// used the longest time ago. A nil one keeps nothing. It is safe for concurrent use, and so
// must be what it keeps.
type Indexes struct {
	mu   sync.Mutex
	kept []keptIndex // the latest used comes last
}

type keptIndex struct {
	store, content string
	size           int64
	index          any
}

// Find returns the index of a store with exactly this content, see [StoreID] and
// [ContentID], or nil. It drops an index of other content, which can never be right again.
func (x *Indexes) Find(store, content string) any {
	if x == nil {
		return nil
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	found, ok := x.take(store)
	if !ok || content == "" || found.content != content {
		return nil
	}
	x.kept = append(x.kept, found)
	return found.index
}

// Keep keeps the index of a store, of about size bytes, unless its content is unknown.
func (x *Indexes) Keep(store, content string, size int64, index any) {
	if x == nil || content == "" || size > MostIndexBytes {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.take(store)
	x.kept = append(x.kept, keptIndex{store, content, size, index})
	for total := x.total(); len(x.kept) > MostIndexes || total > MostIndexBytes; {
		total -= x.kept[0].size
		x.kept = slices.Delete(x.kept, 0, 1)
	}
}

// take removes what is kept of a store.
func (x *Indexes) take(store string) (keptIndex, bool) {
	i := slices.IndexFunc(x.kept, func(k keptIndex) bool { return k.store == store })
	if i < 0 {
		return keptIndex{}, false
	}
	found := x.kept[i]
	x.kept = slices.Delete(x.kept, i, i+1)
	return found, true
}

func (x *Indexes) total() (n int64) {
	for _, k := range x.kept {
		n += k.size
	}
	return n
}
