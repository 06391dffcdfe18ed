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

// folderName is the length of a folder's name.
const folderName = 32

// A folder of the cache has the states or the scan for one key.
type folder struct {
	cache *Cache
	dir   string
	about About
}

// A key identifies the contents of a folder. Different parts make different keys,
// whatever bytes they have: ids need not be text.
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

// addList adds a list. Nil differs from an empty list.
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

// folder returns the folder for a key. It is created when something is written.
func (c *Cache) folder(key key, about About) folder {
	sum := sha256.Sum256(key)
	return folder{cache: c, dir: filepath.Join(c.root(), hex.EncodeToString(sum[:folderName/2])), about: about}
}

// touch records that the folder was used.
func (d *folder) touch() {
	now := time.Now()
	_ = os.Chtimes(filepath.Join(d.dir, about), now, now) // on an error the folder is removed earlier
}

// make creates the folder.
func (d *folder) make() error {
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
