// Signs Helpa links. See ../signing.md.
//
// As a program it reads a JSON array of links from standard input and prints a URL for each:
// go run sign.go < links.json
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"net/url"
	"os"
	"sort"
	"strconv"
	"strings"
)

// Link is what is signed.
type Link struct {
	BaseURL string            `json:"base_url"` // of the server
	KeyID   string            `json:"key_id"`   // of the key
	Secret  string            `json:"secret"`   // of the key
	Name    string            `json:"name"`     // id of the picture, or <source>/<path>
	Params  map[string]string `json:"params"`   // by canonical name; exp where it shall expire
	Grant   string            `json:"grant"`    // e: exactly this URL; v: sizes and formats as liked
	Epoch   int               `json:"epoch"`    // of the picture's links; they begin at 1
}

// encode percent-encodes all but A-Z a-z 0-9 - . _ ~.
func encode(text string) string {
	return strings.ReplaceAll(url.QueryEscape(text), "+", "%20")
}

// encoded returns parameters sorted by name.
func encoded(params map[string]string) string {
	names := make([]string, 0, len(params))
	for name := range params {
		names = append(names, name)
	}
	sort.Strings(names)
	pairs := make([]string, 0, len(params))
	for _, name := range names {
		pairs = append(pairs, encode(name)+"="+encode(params[name]))
	}
	return strings.Join(pairs, "&")
}

// SignedURL returns the URL of a link.
func SignedURL(link Link) string {
	signed := link.Params
	if link.Grant == "v" {
		signed = map[string]string{}
		if exp, ok := link.Params["exp"]; ok {
			signed["exp"] = exp
		}
	}
	mac := hmac.New(sha256.New, []byte(link.Secret))
	parts := []string{"helpa1", link.Grant, link.Name, strconv.Itoa(link.Epoch), encoded(signed)}
	mac.Write([]byte(strings.Join(parts, "\n")))
	sig := link.KeyID + "." + link.Grant + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
	segments := strings.Split(link.Name, "/")
	for i, segment := range segments {
		segments[i] = encode(segment)
	}
	query := encoded(link.Params)
	if query != "" {
		query += "&"
	}
	return link.BaseURL + "/img/" + strings.Join(segments, "/") + "?" + query + "sig=" + sig
}

func main() {
	var links []Link
	if err := json.NewDecoder(os.Stdin).Decode(&links); err != nil {
		log.Fatal(err)
	}
	for _, link := range links {
		fmt.Println(SignedURL(link))
	}
}
