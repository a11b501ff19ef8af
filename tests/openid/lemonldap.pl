# A provider of OpenID Connect that the tests did not write: LemonLDAP::NG, with its people of a
# demonstration, whose password is their name. It says on which address it listens, and runs until
# it is ended.
# Argument, as JSON: .folder (an empty one) .client (id) .jwks (the client's public keys)
# .back (its address) .key, .public (PEM) .levels (acr to what LemonLDAP::NG calls a level: 1 is a password).
use strict;
use warnings;
use HTTP::Server::PSGI;
use IO::Socket::INET;
use JSON;
use Lemonldap::NG::Portal::Main;

my $given  = decode_json( $ARGV[0] );
my $folder = $given->{folder};
mkdir "$folder/$_" for qw(conf cache sessions persistent locks);

# it listens before it is configured, since its own address is part of that
my $socket = IO::Socket::INET->new( LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 16 )
  or die "no port: $!";
my $issuer = 'http://127.0.0.1:' . $socket->sockport;

sub write_file {
    my ( $name, $text ) = @_;
    open my $file, '>', "$folder/$name" or die "$name: $!";
    print $file $text;
    close $file;
}

write_file( 'lemonldap-ng.ini', <<"INI" );
[all]
logLevel = error
[configuration]
type = File
dirName = $folder/conf
localStorage = Cache::FileCache
localStorageOptions = { 'namespace' => 'conf', 'cache_root' => '$folder/cache' }
[portal]
staticPrefix = /static
templateDir = /usr/share/lemonldap-ng/portal/templates
languages = en
INI

write_file(
    'conf/lmConf-1.json',
    encode_json( {
        cfgNum                    => 1,
        cfgDate                   => 1,
        captcha_mail_enabled      => 0,
        captcha_register_enabled  => 0,
        locationRules             => { '127.0.0.1' => { default => 'accept' } },
        portal                    => "$issuer/",
        domain                    => '127.0.0.1',
        cookieName                => 'lemonldap',
        securedCookie             => 0,
        authentication            => 'Demo',
        userDB                    => 'Same',
        passwordDB                => '',
        whatToTrace               => 'uid',
        demoExportedVars          => { uid => 'uid' },
        globalStorage             => 'Apache::Session::File',
        globalStorageOptions      =>
          { Directory => "$folder/sessions", LockDirectory => "$folder/locks" },
        persistentStorage         => 'Apache::Session::File',
        persistentStorageOptions  =>
          { Directory => "$folder/persistent", LockDirectory => "$folder/locks" },
        localSessionStorage       => 'Cache::FileCache',
        localSessionStorageOptions =>
          { namespace => 'sessions', cache_root => "$folder/cache" },
        issuerDBOpenIDConnectActivation => 1,
        oidcServiceMetaDataIssuer       => $issuer,
        oidcServiceMetaDataAuthnContext => $given->{levels},
        oidcServiceKeyTypeSig           => 'RSA',
        oidcServiceKeyIdSig             => 'lemonldap',
        oidcServicePrivateKeySig        => $given->{key},
        oidcServicePublicKeySig         => $given->{public},
        oidcRPMetaDataExportedVars      => { tresteg => {} },
        oidcRPMetaDataOptions           => {
            tresteg => {
                oidcRPMetaDataOptionsClientID        => $given->{client},
                oidcRPMetaDataOptionsAuthMethod      => 'private_key_jwt',
                oidcRPMetaDataOptionsJwks            => encode_json( $given->{jwks} ),
                oidcRPMetaDataOptionsRedirectUris    => $given->{back},
                oidcRPMetaDataOptionsRequirePKCE     => 1,
                oidcRPMetaDataOptionsIDTokenSignAlg  => 'RS256',
                oidcRPMetaDataOptionsBypassConsent   => 1,
                oidcRPMetaDataOptionsIDTokenExpiration => 300,
            },
        },
    } )
);

$ENV{LLNG_DEFAULTCONFFILE} = "$folder/lemonldap-ng.ini";
my $portal = Lemonldap::NG::Portal::Main->run( {} );
$| = 1;
print "$issuer\n";
HTTP::Server::PSGI->new( listen_sock => $socket, timeout => 20 )->run($portal);
