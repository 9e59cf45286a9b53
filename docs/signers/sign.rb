# frozen_string_literal: true

# Signs Helpa links. See ../signing.md.
#
# As a program it reads a JSON array of links (the arguments of signed_url) from standard input and
# prints a URL for each: ruby sign.rb < links.json

require "json"
require "openssl"

module HelpaLinks
  module_function

  # All but A-Z a-z 0-9 - . _ ~ percent-encoded.
  def encode(text)
    text.b.gsub(/[^A-Za-z0-9\-._~]/n) { |byte| format("%%%02X", byte.ord) }
  end

  # Parameters sorted by name, encoded.
  def encoded(params)
    params.sort.map { |name, value| "#{encode(name)}=#{encode(value)}" }.join("&")
  end

  # Return a signed URL.
  #
  # base_url:: of the server
  # key_id:, secret:: of the key
  # name:: id of the picture, or <source>/<path>
  # params:: by canonical name; "exp" where the link shall expire
  # grant:: "e": exactly this URL; "v": sizes and formats as the viewer likes
  # epoch:: of the picture's links
  def signed_url(base_url:, key_id:, secret:, name:, params:, grant: "e", epoch: 1)
    signed = grant == "v" ? params.slice("exp") : params
    message = ["helpa1", grant, name, epoch, encoded(signed)].join("\n")
    mac = [OpenSSL::HMAC.digest("SHA256", secret, message)].pack("m0").tr("+/", "-_").delete("=")
    path = name.split("/").map { |segment| encode(segment) }.join("/")
    query = params.empty? ? "" : "#{encoded(params)}&"
    "#{base_url}/img/#{path}?#{query}sig=#{key_id}.#{grant}.#{mac}"
  end
end

if $PROGRAM_NAME == __FILE__
  $stdin.set_encoding("UTF-8")
  JSON.parse($stdin.read).each do |link|
    puts HelpaLinks.signed_url(**link.transform_keys(&:to_sym))
  end
end
