package snapshot

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// drawerName is the length of a drawer's name.
const drawerName = 32

// A drawer is a folder of the cache, for one thing that is kept.
type drawer struct {
	cache *Cache
	dir   string
	about About
}

// A key says what a drawer is for. Other parts are another key, whatever bytes they
// hold: ids need not be text.
type key []byte

func newKey(parts ...string) key {
	var k key
	k.add(parts...)
	return k
}

func (k *key) add(parts ...string) {
	for _, p := range parts {
		*k = append(binary.AppendUvarint(*k, uint64(len(p))), p...)
	}
}

// addList adds a list, of which nil is another one than an empty one.
func addList[S ~string](k *key, list []S) {
	n := -1
	if list != nil {
		n = len(list)
	}
	k.add(strconv.Itoa(n))
	for _, s := range list {
		k.add(string(s))
	}
}

// drawer returns the drawer for what the key says. It is there once something is
// put in.
func (c *Cache) drawer(key key, about About) drawer {
	sum := sha256.Sum256(key)
	return drawer{cache: c, dir: filepath.Join(c.root(), hex.EncodeToString(sum[:drawerName/2])), about: about}
}

// touch notes that the drawer was used.
func (d *drawer) touch() {
	now := time.Now()
	_ = os.Chtimes(filepath.Join(d.dir, about), now, now) // it only orders what is removed first
}

// make makes the folder.
func (d *drawer) make() error {
	if _, err := os.Stat(filepath.Join(d.dir, about)); err == nil {
		return nil
	}
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return err
	}
	b, err := json.Marshal(d.about)
	if err == nil {
		err = put(d.dir, about, b)
	}
	if err == nil {
		if _, e := os.Stat(filepath.Join(d.cache.root(), tag)); e != nil {
			err = put(d.cache.root(), tag, []byte(tagText))
		}
	}
	return err
}
