<?php
// Signs Helpa links. See ../signing.md.
//
// As a program it reads a JSON array of links (the arguments of signed_url) from standard input and
// prints a URL for each: php sign.php < links.json

declare(strict_types=1);

/** Parameters sorted by name, all but A-Z a-z 0-9 - . _ ~ percent-encoded. */
function encoded(array $params): string
{
    ksort($params, SORT_STRING);
    $pairs = [];
    foreach ($params as $name => $value) {
        $pairs[] = rawurlencode((string) $name) . '=' . rawurlencode((string) $value);
    }
    return implode('&', $pairs);
}

/**
 * Return a signed URL.
 *
 * @param string $base_url of the server
 * @param string $key_id   of the key
 * @param string $secret   of the key
 * @param string $name     id of the picture, or <source>/<path>
 * @param array  $params   by canonical name; exp where the link shall expire
 * @param string $grant    e: exactly this URL; v: sizes and formats as the viewer likes
 * @param int    $epoch    of the picture's links
 */
function signed_url(
    string $base_url,
    string $key_id,
    string $secret,
    string $name,
    array $params,
    string $grant = 'e',
    int $epoch = 1
): string {
    $signed = $grant === 'v' ? array_intersect_key($params, ['exp' => true]) : $params;
    $message = implode("\n", ['helpa1', $grant, $name, (string) $epoch, encoded($signed)]);
    $digest = hash_hmac('sha256', $message, $secret, true);
    $mac = rtrim(strtr(base64_encode($digest), '+/', '-_'), '=');
    $path = implode('/', array_map('rawurlencode', explode('/', $name)));
    $query = encoded($params) . ($params ? '&' : '');
    return "$base_url/img/$path?{$query}sig=$key_id.$grant.$mac";
}

if (PHP_SAPI === 'cli' && realpath($argv[0]) === __FILE__) {
    $links = json_decode(stream_get_contents(STDIN), true, 16, JSON_THROW_ON_ERROR);
    foreach ($links as $link) {
        echo signed_url(...$link), "\n";
    }
}
