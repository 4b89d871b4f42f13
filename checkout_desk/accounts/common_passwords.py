"""Words and runs that guessers try first, written without the digits and signs that people hang on them."""

from __future__ import annotations

COMMON = frozenset(
    """
    password passwordpassword passw passwort motdepasse contrasena senha wachtwoord parola mypassword newpassword
    changeme changemenow changemeplease letmein letmeinnow pleaseletmein welcome welcomehome welcomeback welcomewelcome
    administrator administration adminadmin admin adminpassword rootroot superuser superadmin default defaultpassword
    temporary temporarypassword temppassword testpassword testtesttest testing testing testuser guestguest guest
    secret secretsecret topsecret mysecret supersecret secretpassword security iloveyou iloveyouforever iloveyousomuch
    iloveu iloveme lovelove loveyou ihateyou forever foreverlove trustno trustnoone monkey monkeymonkey dragon dragonball
    football footballfan baseball basketball basketballs superman batman batmanandrobin spiderman ironman starwars
    starwarsfan pokemon pokemonmaster minecraft fortnite princess sunshine sunshines butterfly butterflies chocolate
    chocolatecake strawberry blueberry raspberry watermelon pineapple computer computers computerscience internet
    internetexplorer explorer samsung samsunggalaxy google googlegoogle facebook facebookfacebook instagram linkedin
    microsoft microsoftwindows windows thunderbird thunderbolt mercedes mercedesbenz volkswagen lamborghini ferrari
    porsche motorcycle motorola manchester manchesterunited manunited liverpool liverpoolfc arsenal chelsea chelseafc
    barcelona realmadrid juventus bayernmunich celtic rangers everton tottenham christopher christina christine
    christian alexander alexandra alexandria elizabeth elisabeth stephanie jonathan jennifer jessica michelle michael
    michaeljordan michaeljackson charlie charliebrown ashley daniel matthew nicholas samantha victoria veronica
    jesuschrist jesuslovesme jesusislord godisgood godislove blessed heavenly angelina angels december november
    september october february january summer summertime winter wintertime springtime autumn monday tuesday wednesday
    thursday friday saturday sunday birthday happybirthday happiness happyhappy goodmorning goodluck goodbye whatever
    whateveryouwant nothing something anything everything noidea idontknow dontknow donotknow ihavenoidea forgot
    iforgot iforgotit forgetmenot remember rememberme rememberthis qwerty qwertyqwerty qwertyuiop qwertyuiopasdf
    qwertyuiopasdfghjkl asdfgh asdfghjkl asdfghjklzxcvbnm zxcvbn zxcvbnm zxcvbnmasdfgh qazwsx qazwsxedc qazwsxedcrfv
    oqaztwsxeedc qweasd qweasdzxc qwerasdf qwerasdfzxcv asdfqwer azerty azertyuiop qwertz qwertzuiop abcdef abcdefgh
    abcdefghij abcdefghijkl abcabcabc abcd abc aabbccdd asdfasdf asdfasdfasdf asdasdasd qweqweqwe zxczxczxc
    correcthorsebatterystaple correcthorse opensesame sesame abracadabra openplease mustang shadow shadowshadow master
    mastermaster masterkey hunter hunterhunter killer freedom liberty peaceful letsgo letsgoletsgo hellohello hello
    helloworld hellokitty helloworldhello goodpassword strongpassword verystrongpassword securepassword safepassword
    longpassword thisisapassword thisismypassword thisismypasswd itsapassword notapassword nopassword nopasswordhere
    password password passwordone passwordforever customer customerservice customersupport support supportsupport
    helpdesk helpdeskhelpdesk servicedesk service shopping shopshopshop webshop onlineshop onlinestore ecommerce order
    ordersorders warehouse shipping logistics manager companyname mycompany business office officeoffice
    sales salessales marketing accounting training
    123456789012 1234567890123 12345678901234 123456789012345 1234567890123456 0123456789012 098765432109
    123456123456 123123123123 112233445566 121212121212 987654321098 147258369147 159357159357 102030405060 147852369147
    1q2w3e4r5t6y 1q2w3e4r5t6y7u 1qaz2wsx3edc 1qaz2wsx3edc4rfv qwerty123456 abcd1234abcd a1b2c3d4e5f6 q1w2e3r4t5y6
    """.split()
)
