# What an image needs of its system: an init that reaps and passes signals on, the authorities of TLS, and a user's name.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq install -y --no-install-recommends tini ca-certificates >/dev/null
# What an installation leaves, with the times in it: two builds of the same packages differ in nothing else.
rm -rf /var/lib/apt/lists/* /var/cache/apt /var/cache/debconf /var/cache/ldconfig
rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow-
# Nobody becomes another user in a container.
find / -xdev -type f -perm /6000 -exec chmod a-s {} +
# By name, as some tools ask for their user's.
echo 'perimeter:x:10001:10001::/tmp:/usr/sbin/nologin' >> /etc/passwd
echo 'perimeter:x:10001:' >> /etc/group
# The command line by its name, for whoever runs it in a container.
ln -s /app/bin/perimeter.js /usr/local/bin/perimeter
