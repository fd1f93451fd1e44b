throw new Error('react-native-webrtc is not part of ePOST: it runs in browsers and in Node only');
